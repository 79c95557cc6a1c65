package io.pinion.actors.core;

/**
 * What one registered binding has used since it was made. The figures are read one after the other while it goes on, so
 * they may be a turn apart.
 *
 * @param name what it is registered as
 * @param core the core it is bound to now
 * @param weight its share beside others on its core
 * @param busyNanos time spent in turns, those that run included; of a turn that was handed off, the part before by the
 *     clock, the rest as CPU time
 * @param turns how many have ended
 * @param handOffs how many of its turns lost their core
 * @param stops how many of its calls were stopped
 */
public record BindingLoad(String name, int core, int weight, long busyNanos, long turns, long handOffs, long stops) {}
