/** Lives here: the tests of the journal. May not: anything that its users need. */
@NullMarked
package io.pinion.journal;

import org.jspecify.annotations.NullMarked;
