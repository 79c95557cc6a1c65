/** Lives here: load drivers and their reports. May not: anything that the product needs at run time. */
@NullMarked
package io.pinion.bench;

import org.jspecify.annotations.NullMarked;
