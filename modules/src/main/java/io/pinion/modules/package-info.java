/**
 * Lives here: the module and its instances as the rest of Pinion sees them, their outcomes and limits. May not: the types
 * of an engine (see {@code modules.wasm}, {@code modules.js}), actors.
 */
@NullMarked
package io.pinion.modules;

import org.jspecify.annotations.NullMarked;
