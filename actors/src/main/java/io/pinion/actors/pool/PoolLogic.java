package io.pinion.actors.pool;

import io.pinion.actors.pool.InstancePool.Answer;
import io.pinion.actors.pool.InstancePool.Program;
import io.pinion.modules.Instance;
import io.pinion.modules.InvalidModuleException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a pool decides; {@link InstancePool} drives it. Not threadsafe.
 *
 * <p>After every step: nobody waits while an instance is ready; none is made beyond the most there may be, which counts
 * those on loan, ready and under way, of older programs too. An update brings an instance of its own and may so exceed it, until old
 * ones are back.
 *
 * <p>After a failure none is made for a pause that doubles, then one alone is tried. A failure is told to as many of the
 * longest waiting as no other instance is under way for; who comes during the pause waits for the next try, at most
 * for the borrow time-out.
 */
final class PoolLogic {
    private static final Logger log = LoggerFactory.getLogger(PoolLogic.class);

    /** Nothing to wake up for. */
    static final long NEVER = Long.MAX_VALUE;

    private final PoolSettings settings;
    private final LongSupplier nanoTime;
    private final Outside outside;
    private final Map<Loan, Borrower> lent = new LinkedHashMap<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final Map<Borrower, Integer> claims = new HashMap<>();
    /** The one used last goes out first, so that the others get old. */
    private final ArrayDeque<Ready> ready = new ArrayDeque<>();

    /** Those of an older program included: they cannot be broken off. */
    private final Set<Making> making = new LinkedHashSet<>();

    private Program program;
    private int unwanted;
    private int failures;
    private long retryNanos;
    private String lastProblem = "";
    private long created;
    private long discarded;
    private long evicted;
    private long failed;

    /** What the decisions act on. */
    interface Outside {
        /**
         * Begins to make an instance.
         *
         * @throws RejectedExecutionException if that is not possible now
         */
        Making make(Program program);

        /** Any thread. */
        void close(Instance instance);

        /** Has {@link PoolLogic#freed} called soon. Any thread. */
        void freed(Loan loan);

        /** No instance could be made. */
        void failed(String problem);

        /** Has {@link PoolLogic#ended} called when it ends. */
        void watch(Borrower borrower);

        void unwatch(Borrower borrower);
    }

    /** Who gets an answer and has a claim: two borrows of one actor are of one borrower. */
    record Borrower(ActorRef<? super Answer> ref) {
        private void answer(Answer answer) {
            ref.tell(answer);
        }
    }

    private record Waiting(Borrower borrower, long untilNanos) {}

    private record Ready(Instance instance, long sinceNanos) {}

    /** @param nanoTime never negative */
    PoolLogic(PoolSettings settings, Program program, LongSupplier nanoTime, Outside outside) {
        this.settings = settings;
        this.program = program;
        this.nanoTime = nanoTime;
        this.outside = outside;
    }

    void borrow(Borrower borrower) {
        if (ready.isEmpty() && waiting.size() >= settings.waitingMax()) {
            refuse(borrower, waiting.size() + " others wait for an instance already, which is pinion.pool.waiting-max");
            return;
        }
        claim(borrower);
        waiting.add(new Waiting(
                borrower, nanoTime.getAsLong() + settings.borrowTimeout().toNanos()));
        serve();
    }

    /** It came back in good order; if it did not, it is discarded. */
    void returned(Loan loan) {
        if (!isLent(loan)) {
            return;
        }
        boolean isWanted = hasRoomForAll() || !waiting.isEmpty();
        if (!isWanted
                || loan.generation() != program.generation()
                || !loan.instance().isUsable()
                || !loan.end()) {
            discarded(loan);
            return;
        }
        release(lent.remove(loan));
        ready.addLast(new Ready(loan.instance(), nanoTime.getAsLong()));
        serve();
    }

    void discarded(Loan loan) {
        if (isLent(loan)) {
            recall(loan);
            serve();
        }
    }

    /** Closes what was lent; if a call runs on it, right after that, and until then it takes its place. */
    private void recall(Loan loan) {
        boolean isAtRest = loan.recall(instance -> {
            outside.close(instance);
            outside.freed(loan);
        });
        if (isAtRest) {
            outside.close(loan.instance());
            forget(loan);
        }
    }

    private boolean isLent(Loan loan) {
        boolean isLent = lent.containsKey(loan);
        if (!isLent) {
            log.debug("an instance came back that was not out on this loan: its borrower had it no more");
        }
        return isLent;
    }

    /** The call has ended that an instance was in when it was to be closed. */
    void freed(Loan loan) {
        forget(loan);
        serve();
    }

    private void forget(Loan loan) {
        discarded++;
        release(lent.remove(loan));
    }

    /** From now on another program is lent; whoever waits gets it. */
    void update(Program next, Loan brought, Borrower borrower) {
        program = next;
        failures = 0;
        lastProblem = "";
        ready.forEach(old -> outside.close(old.instance()));
        discarded += ready.size();
        ready.clear();
        making.removeIf(old -> !old.cancel());
        unwanted = making.size();
        claim(borrower);
        lent.put(brought, borrower);
        serve();
    }

    /** A worker is done. */
    void made(Making done) {
        if (!making.remove(done)) {
            return;
        }
        Instance instance = done.take();
        if (instance != null) {
            failures = 0;
            created++;
            ready.addLast(new Ready(instance, nanoTime.getAsLong()));
        } else if (done.isCancelled()) {
            unwanted--;
        } else {
            failed(problem(done.failure()));
        }
        serve();
    }

    /** A borrower has ended: what it has is closed, what it wants is forgotten. */
    void ended(Borrower borrower) {
        waiting.removeIf(one -> one.borrower().equals(borrower));
        claims.remove(borrower);
        lent.entrySet().stream()
                .filter(entry -> entry.getValue().equals(borrower))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::recall);
        serve();
    }

    /** Something may have become due; see {@link #wakeNanos}. */
    void tick() {
        expire();
        evict();
        serve();
    }

    private void expire() {
        long now = nanoTime.getAsLong();
        Waiting oldest = waiting.peek();
        while (oldest != null && oldest.untilNanos() <= now) {
            waiting.remove();
            release(oldest.borrower());
            refuse(oldest.borrower(), tooLate());
            oldest = waiting.peek();
        }
    }

    private String tooLate() {
        String counts = "no instance became free within "
                + settings.borrowTimeout().toMillis() + " ms: " + lent.size()
                + " of at most " + settings.max() + " in use, " + making.size() + " being made, " + waiting.size()
                + " others waiting";
        return failures == 0 ? counts : counts + "; the last try failed: " + lastProblem;
    }

    private void evict() {
        long now = nanoTime.getAsLong();
        while (evictNanos() <= now) {
            outside.close(ready.removeFirst().instance());
            evicted++;
        }
    }

    /** When the instance that is ready for longest goes. The last one stays for as long as another is in use. */
    private long evictNanos() {
        Ready oldest = ready.peekFirst();
        boolean isSpare = settings.warmSpare() && ready.size() == 1 && !lent.isEmpty();
        return oldest == null || isSpare
                ? NEVER
                : oldest.sinceNanos() + settings.idleAfter().toNanos();
    }

    /** When {@link #tick} is to be called, by the clock of the pool; {@link #NEVER} if something else has to happen first. */
    long wakeNanos() {
        long wake = evictNanos();
        Waiting oldest = waiting.peek();
        if (oldest != null) {
            wake = Math.min(wake, oldest.untilNanos());
        }
        return isRetryWanted() ? Math.min(wake, retryNanos) : wake;
    }

    private void serve() {
        while (!waiting.isEmpty() && !ready.isEmpty()) {
            Loan loan = new Loan(program.generation(), ready.removeLast().instance());
            Borrower borrower = waiting.remove().borrower();
            lent.put(loan, borrower);
            borrower.answer(new Answer.Lent(loan));
        }
        while (isOneMissing()) {
            make();
        }
    }

    private boolean isOneMissing() {
        if (failures > 0) {
            return isRetryWanted() && retryNanos <= nanoTime.getAsLong();
        }
        boolean isSpareWanted = settings.warmSpare()
                && ready.isEmpty()
                && !(lent.isEmpty() && waiting.isEmpty())
                && program.module().hasRoomForSpare();
        return hasRoom() && underWay() < waiting.size() + (isSpareWanted ? 1 : 0);
    }

    private boolean isRetryWanted() {
        return failures > 0 && !waiting.isEmpty() && underWay() == 0 && hasRoom();
    }

    private boolean hasRoom() {
        return total() < settings.max();
    }

    /** Not for the moment if updates have brought more. */
    private boolean hasRoomForAll() {
        return total() <= settings.max();
    }

    private int total() {
        return lent.size() + ready.size() + making.size();
    }

    private int underWay() {
        return making.size() - unwanted;
    }

    private void make() {
        try {
            making.add(outside.make(program));
        } catch (RejectedExecutionException e) {
            failed(String.valueOf(e.getMessage()));
        }
    }

    private void failed(String problem) {
        failed++;
        failures++;
        lastProblem = problem;
        retryNanos = nanoTime.getAsLong() + pause().toNanos();
        outside.failed(problem);
        while (waiting.size() > underWay()) {
            Borrower borrower = waiting.remove().borrower();
            release(borrower);
            refuse(borrower, "no instance can be made: " + problem);
        }
    }

    private Duration pause() {
        Duration pause = settings.retryMin().multipliedBy(1L << Math.min(failures - 1, 20));
        return pause.compareTo(settings.retryMax()) < 0 ? pause : settings.retryMax();
    }

    private static String problem(Throwable failure) {
        return failure instanceof InvalidModuleException ? String.valueOf(failure.getMessage()) : failure.toString();
    }

    private void claim(Borrower borrower) {
        if (claims.merge(borrower, 1, Integer::sum) == 1) {
            outside.watch(borrower);
        }
    }

    private void release(@Nullable Borrower borrower) {
        Integer count = borrower == null ? null : claims.get(borrower);
        if (borrower == null || count == null) {
            return;
        }
        if (count > 1) {
            claims.put(borrower, count - 1);
        } else {
            claims.remove(borrower);
            outside.unwatch(borrower);
        }
    }

    private static void refuse(Borrower borrower, String reason) {
        borrower.answer(new Answer.Refused(reason));
    }

    /** Everything is closed, now or as soon as it can be; who waits is told. Nothing is to be called after it. */
    void stop() {
        waiting.forEach(one -> refuse(one.borrower(), "the database has stopped"));
        waiting.clear();
        ready.forEach(one -> outside.close(one.instance()));
        ready.clear();
        making.forEach(Making::cancel);
        making.clear();
        unwanted = 0;
        List.copyOf(lent.keySet()).forEach(this::recall);
    }

    PoolLoad load() {
        return new PoolLoad(
                lent.size(), ready.size(), making.size(), waiting.size(), created, discarded, evicted, failed);
    }
}
