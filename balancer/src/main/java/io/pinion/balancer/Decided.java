package io.pinion.balancer;

/** What came of looking at something: it is moved, or it stays for a reason. */
public sealed interface Decided permits Action, Refusal {}
