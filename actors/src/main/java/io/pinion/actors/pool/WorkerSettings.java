package io.pinion.actors.pool;

import java.time.Duration;

/**
 * The threads of a node that make instances. Immutable.
 *
 * @param count of them, at least 1
 * @param queueMax jobs that may wait for them, at least 1
 * @param stackBytes stack of such a thread
 * @param slowAfter how long one works on a job before another takes its place, at least 10 ms
 * @param slowMax how many may be replaced so at a time
 */
public record WorkerSettings(int count, int queueMax, int stackBytes, Duration slowAfter, int slowMax) {}
