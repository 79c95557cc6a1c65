/**
 * Lives here: JavaScript modules on GraalJS, the {@code spacetime:sys} modules and the built-in guest library. May not:
 * leak a polyglot type to another package.
 */
@NullMarked
package io.pinion.modules.js;

import org.jspecify.annotations.NullMarked;
