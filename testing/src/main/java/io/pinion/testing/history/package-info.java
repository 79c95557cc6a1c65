/** Lives here: what clients were told at the same time, and whether one copy of the data can have told it. May not: know Pinion. */
@NullMarked
package io.pinion.testing.history;

import org.jspecify.annotations.NullMarked;
