package io.pinion.actors.core;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs a core for as long as it owns it. When the monitor takes the core, the worker finishes the turn that
 * it is in, sends the binding on by way of an inbox, touches nothing of the core, and becomes a spare or ends.
 */
final class Worker {
    private static final Logger log = LoggerFactory.getLogger(Worker.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final boolean HAS_CPU_TIME = THREADS.isThreadCpuTimeSupported();

    private final Core core;
    private final Inbox inbox;
    private final RunQueue queue;
    private final CoreMeter meter;
    private final AdaptiveSpin spin;
    private final TurnSlot slot = new TurnSlot();
    private final LongSupplier cpuNanos = this::readCpuNanos;
    private final Thread thread;
    private volatile int threadId;

    /** The end of the last turn, which is the begin of the next if there is one. This worker only. */
    private long nowNanos;

    /** What turns threw since the last that could be logged. This worker only. */
    private int unlogged;

    Worker(Core core, String name) {
        this.core = core;
        inbox = core.inbox();
        queue = core.queue();
        meter = core.meter();
        spin = new AdaptiveSpin(core.spinNanos());
        thread = new Thread(null, this::run, name, core.stackBytes());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void unpark() {
        LockSupport.unpark(thread);
    }

    TurnSlot slot() {
        return slot;
    }

    String name() {
        return thread.getName();
    }

    /** The operating system's id of the thread, 0 if unknown. */
    int threadId() {
        return threadId;
    }

    /** Reads the CPU time of the thread so far; negative if it has ended or the machine cannot tell. */
    LongSupplier cpuNanos() {
        return cpuNanos;
    }

    private long readCpuNanos() {
        return HAS_CPU_TIME ? THREADS.getThreadCpuTime(thread.threadId()) : -1;
    }

    private void run() {
        threadId = core.placement().enter(core.index());
        try {
            boolean isNeeded = true;
            while (isNeeded && core.crew().awaitOwnership(this)) {
                isNeeded = runCore();
            }
        } finally {
            core.placement().leave(threadId);
            core.crew().left(this);
        }
    }

    /**
     * Runs turns until the core is taken or closed.
     *
     * @return whether this worker is still one of the crew
     */
    private boolean runCore() {
        nowNanos = System.nanoTime();
        while (true) {
            queue.drain();
            Ticket ticket = queue.next(nowNanos);
            if (ticket == null) {
                if (!awaitWork()) {
                    return false;
                }
            } else if (ticket.binding().claim(ticket.number()) && !runTurn(ticket)) {
                return isSpare();
            }
        }
    }

    /** @return false if there will be none */
    private boolean awaitWork() {
        meter.waiting(0);
        slot.clear();
        if (inbox.isClosed() && inbox.isEmpty() && giveUp()) {
            return false;
        }
        if (!spin.awaits(inbox)) {
            inbox.await();
        }
        nowNanos = System.nanoTime();
        return true;
    }

    /** Whoever pushes after this looked sees that nobody owns the core, if it is one of the crew. */
    private boolean giveUp() {
        core.crew().disown();
        return inbox.isEmpty() || !core.crew().own(this);
    }

    /** @return false if the core was taken */
    private boolean runTurn(Ticket ticket) {
        long startNanos = nowNanos;
        Binding binding = ticket.binding();
        meter.begin(startNanos - ticket.queuedNanos(), queue.size());
        long turn = slot.begin(binding, startNanos);
        runGuarded(binding);
        nowNanos = System.nanoTime();
        if (slot.end(turn)) {
            endTurn(ticket, nowNanos - startNanos);
            return true;
        }
        endTakenTurn(ticket, startNanos);
        return false;
    }

    /** Nothing that a turn throws may end the core, and no turn sees an interrupt that was meant for another. */
    @SuppressWarnings("IllegalCatch")
    private void runGuarded(Binding binding) {
        Thread.interrupted();
        try {
            Runnable turn = binding.poll();
            if (turn != null) {
                turn.run();
            }
        } catch (Throwable e) {
            report(e);
        }
        Thread.interrupted();
    }

    @SuppressWarnings(
            "IllegalCatch") // the log may fail for the same reason, memory, and the core carries on all the same
    private void report(Throwable thrown) {
        try {
            log.error("A turn on {} threw; the core carries on", name(), thrown);
            if (unlogged > 0) {
                log.error("{} turns on {} threw before and could not be logged", unlogged, name());
                unlogged = 0;
            }
        } catch (Throwable e) {
            unlogged++;
        }
    }

    private void endTurn(Ticket ticket, long nanos) {
        Binding binding = ticket.binding();
        queue.charge(ticket, nanos);
        meter.end(nanos);
        binding.noteTurn(nanos, queue.isLong(nanos));
        binding.saveAccount(ticket, inbox);
        if (binding.release(ticket, nowNanos)) {
            Inbox next = binding.inbox();
            if (next == inbox) {
                queue.again(ticket);
            } else {
                next.push(ticket);
            }
        }
    }

    private void endTakenTurn(Ticket ticket, long startNanos) {
        Binding binding = ticket.binding();
        long nanos = turnNanos(startNanos, nowNanos);
        slot.takenOver();
        queue.charge(ticket, nanos);
        meter.endTaken(nanos);
        binding.noteTurn(nanos, queue.isLong(nanos));
        binding.noteHandOff();
        binding.saveAccount(ticket, inbox);
        if (binding.release(ticket, nowNanos)) {
            binding.inbox().push(ticket);
        }
    }

    /** The time that the unfinished turn has taken up to now; of no use if it ends meanwhile. Any thread. */
    long turnNanos(long now) {
        return turnNanos(slot.startNanos(), now);
    }

    /** Since the core was taken, as CPU time: the turn shares its CPU with those that the core runs meanwhile. */
    private long turnNanos(long startNanos, long now) {
        if (!slot.isTaken()) {
            return now - startNanos;
        }
        long takenCpuNanos = slot.takenCpuNanos();
        long cpuNow = takenCpuNanos < 0 ? -1 : readCpuNanos();
        long takenNanos = slot.takenNanos();
        return takenNanos - startNanos + (cpuNow < 0 ? now - takenNanos : cpuNow - takenCpuNanos);
    }

    /** After a turn that the core was taken from. If the core has closed meanwhile, what the turn left is run by this worker. */
    private boolean isSpare() {
        boolean isReniced = slot.awaitSettled();
        slot.clear();
        if (isReniced && !core.placement().restore(threadId)) {
            log.debug("{} ends: the system does not let it run as before", name());
            return false;
        }
        boolean isLast = inbox.isClosed() && core.crew().own(this);
        return isLast || core.crew().addSpare(this);
    }
}
