/** The file system of the crash kit beside a real one, and stores that forget to sync. */
@org.jspecify.annotations.NullMarked
package io.sietch.crash.file;
