/**
 * Files under the crash kit: a {@link java.nio.file.FileSystem} on a {@link io.sietch.crash.CrashMedia}, for storage
 * code that takes a path, and a {@link java.nio.channels.FileChannel} for code that takes a channel.
 */
@NullMarked
package io.sietch.crash.file;

import org.jspecify.annotations.NullMarked;
