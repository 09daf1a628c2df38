/** What one operation of each room costs by itself (JMH). */
@NullMarked
package io.sietch.bench.jmh;

import org.jspecify.annotations.NullMarked;
