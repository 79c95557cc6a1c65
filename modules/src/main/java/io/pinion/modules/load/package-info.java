/**
 * Lives here: the one way from a program to a module, which tells the engines apart. May not: anything about running one.
 */
@NullMarked
package io.pinion.modules.load;

import org.jspecify.annotations.NullMarked;
