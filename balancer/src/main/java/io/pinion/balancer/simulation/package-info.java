/** Lives here: clusters that exist in numbers only, to see what the planner makes of their load. May not: actors, time. */
@NullMarked
package io.pinion.balancer.simulation;

import org.jspecify.annotations.NullMarked;
