package io.pinion.actors.pool;

import io.pinion.modules.Instance;

/**
 * An instance that was lent. Whoever holds it owns it until it is returned or discarded, and moves it between threads only
 * by message.
 *
 * @param generation of the program it runs; counts up with every update
 */
public record Loan(long generation, Instance instance) {}
