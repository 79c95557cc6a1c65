package io.pinion.actors.database;

import io.pinion.modules.ModuleLog;
import io.pinion.modules.ModuleLog.LogRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The vitals of a database that is not there, and what was done to it. */
final class TestVitals implements Vitals.Handle, ModuleLog {
    static final CallLimits LIMITS = limits(Duration.ofSeconds(10));

    final Vitals vitals = new Vitals(TestDatabases.DATABASE, this, Clock.SYSTEM, LIMITS, this);
    final List<String> lines = new CopyOnWriteArrayList<>();
    final AtomicInteger refusals = new AtomicInteger();
    final AtomicInteger acceptances = new AtomicInteger();
    final AtomicInteger stops = new AtomicInteger();
    final AtomicInteger discards = new AtomicInteger();
    volatile Database.@Nullable Refusal refusal;

    static CallLimits limits(Duration each) {
        return new CallLimits(each, each, each, each, each, each, each);
    }

    @Override
    public void refuseCalls(Database.Refusal given) {
        refusals.incrementAndGet();
        refusal = given;
    }

    @Override
    public void acceptCalls() {
        acceptances.incrementAndGet();
        refusal = null;
    }

    @Override
    public void noteStop() {
        stops.incrementAndGet();
    }

    @Override
    public void discardInstance() {
        discards.incrementAndGet();
    }

    @Override
    public int waiting() {
        return 0;
    }

    @Override
    public void append(LogRecord line) {
        lines.add(line.message());
    }
}
