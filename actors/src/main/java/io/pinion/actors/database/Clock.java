package io.pinion.actors.database;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Time as a database sees it; a simulation hands in its own. Threadsafe. */
interface Clock {
    /** Of this machine. */
    Clock SYSTEM = new Clock() {
        @Override
        public long epochMicros() {
            Instant now = Instant.now();
            return TimeUnit.SECONDS.toMicros(now.getEpochSecond()) + now.getNano() / 1_000;
        }

        @Override
        public long nanoTime() {
            return System.nanoTime();
        }
    };

    /** Wall clock, microseconds since the Unix epoch. */
    long epochMicros();

    /** As {@link System#nanoTime()}: only differences mean something. */
    long nanoTime();
}
