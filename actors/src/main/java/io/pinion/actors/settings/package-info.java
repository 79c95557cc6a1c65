/** Lives here: reading configuration with errors that name the key. May not: defaults, which stand in reference.conf. */
@NullMarked
package io.pinion.actors.settings;

import org.jspecify.annotations.NullMarked;
