package io.pinion.balancer;

/** @param atMillis since the Unix epoch */
public record Decision(long atMillis, Decided decided) {}
