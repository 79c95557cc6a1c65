/**
 * Lives here: the host calls of the module ABI, written once for both engines. May not: guest memory, engines.
 */
@NullMarked
package io.pinion.modules.host;

import org.jspecify.annotations.NullMarked;
