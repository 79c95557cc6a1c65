/**
 * Lives here: WebAssembly modules on Chicory's compiler, their flat memory and the imports that move bytes in and out of
 * it. May not: leak a Chicory type to another package.
 */
@NullMarked
package io.pinion.modules.wasm;

import org.jspecify.annotations.NullMarked;
