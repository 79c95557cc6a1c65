package io.pinion.actors.core;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The turns that had begun and were not over at some moment, those that were handed off included. What they have taken so
 * far is added to what has ended, without asking the threads that run them for anything. Immutable; any thread.
 */
final class RunningTurns {
    static final RunningTurns NONE = new RunningTurns(List.of());

    private final List<Turn> turns;

    /** @param number as of the worker's slot */
    private record Turn(Worker worker, long number, Binding binding) {
        static Optional<Turn> of(Worker worker) {
            long number = worker.slot().unfinished();
            @Nullable Binding binding = worker.slot().binding();
            return number == 0 || binding == null ? Optional.empty() : Optional.of(new Turn(worker, number, binding));
        }

        boolean isUnfinished() {
            return worker.slot().unfinished() == number;
        }
    }

    private RunningTurns(List<Turn> turns) {
        this.turns = turns;
    }

    static RunningTurns of(Collection<Worker> workers) {
        return new RunningTurns(workers.stream()
                .flatMap(worker -> Turn.of(worker).stream())
                .filter(Turn::isUnfinished) // else its binding may be that of another turn
                .toList());
    }

    /** The same, by whose they are. */
    Map<Binding, RunningTurns> byBinding() {
        return turns.stream().collect(groupingBy(Turn::binding, collectingAndThen(toList(), RunningTurns::new)));
    }

    /**
     * The time of these turns and of those that ended before them or meanwhile, none of them twice: the time of a turn is
     * added to the ended ones' after it is over, so if it is not over after these were read, it is not among them.
     *
     * @param ended reads the time of the turns that have ended
     */
    long busyNanos(LongSupplier ended) {
        RunningTurns running = unfinished();
        while (true) {
            long busyNanos = ended.getAsLong();
            long now = System.nanoTime();
            for (Turn turn : running.turns) {
                busyNanos += turn.worker().turnNanos(now);
            }
            RunningTurns after = running.unfinished();
            if (after.turns.size() == running.turns.size()) {
                return busyNanos;
            }
            running = after;
        }
    }

    private RunningTurns unfinished() {
        return new RunningTurns(turns.stream().filter(Turn::isUnfinished).toList());
    }
}
