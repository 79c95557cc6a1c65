package io.pinion.bench;

import java.time.Duration;
import jdk.jfr.consumer.RecordingStream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The pauses that the collector makes from {@link #start} to {@link #stop}, in nanoseconds, as the JVM's recorder sees them. */
final class GcPauses {
    private static final String PAUSE = "jdk.GCPhasePause";

    private final Histogram nanos = new ConcurrentHistogram(Duration.ofHours(1).toNanos(), 3);
    private final RecordingStream events = new RecordingStream();

    private GcPauses() {}

    static GcPauses start() {
        GcPauses pauses = new GcPauses();
        pauses.events.enable(PAUSE).withoutThreshold();
        pauses.events.onEvent(
                PAUSE, event -> pauses.nanos.recordValue(event.getDuration().toNanos()));
        pauses.events.startAsync();
        return pauses;
    }

    /** Returns once every pause until now has been counted. */
    Histogram stop() {
        events.stop();
        events.close();
        return nanos;
    }
}
