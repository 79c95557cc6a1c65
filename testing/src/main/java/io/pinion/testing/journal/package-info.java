/** Lives here: journals in memory that do with a test's logs what no real one should. May not: anything that the product needs at run time. */
@NullMarked
package io.pinion.testing.journal;

import org.jspecify.annotations.NullMarked;
