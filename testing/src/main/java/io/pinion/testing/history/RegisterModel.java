package io.pinion.testing.history;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One number that is read, written, and swapped where it is the expected one. */
public record RegisterModel(Long initial) implements Model<Long, RegisterModel.Call, RegisterModel.Answer> {

    public sealed interface Call {}

    public record Read() implements Call {}

    public record Write(long value) implements Call {}

    /** Answered {@link Held} where it holds anything else than expected. */
    public record Swap(long expected, long value) implements Call {}

    public sealed interface Answer {}

    public record Done() implements Answer {}

    public record Held(long value) implements Answer {}

    @Override
    public Optional<Long> step(Long state, Call call, @Nullable Answer answer) {
        return switch (call) {
            case Read _ -> answer == null || answer.equals(new Held(state)) ? Optional.of(state) : Optional.empty();
            case Write(long value) -> answer instanceof Held ? Optional.empty() : Optional.of(value);
            case Swap(long expected, long value)
            when state == expected -> answer instanceof Held ? Optional.empty() : Optional.of(value);
            case Swap _ -> answer == null || answer.equals(new Held(state)) ? Optional.of(state) : Optional.empty();
        };
    }

    /**
     * Leaves out the calls without an answer whose value nobody was told of, nor may have swapped: if no two calls bring the
     * same value, they explain nothing, and what is possible without them is what is possible with them.
     */
    public static List<Operation<Call, Answer>> relevant(List<Operation<Call, Answer>> operations) {
        Set<Long> told = new HashSet<>();
        for (Operation<Call, Answer> operation : operations) {
            if (operation.answer() instanceof Held(long value)) {
                told.add(value);
            } else if (operation.call() instanceof Swap(long expected, long _)) {
                told.add(expected);
            }
        }
        return operations.stream()
                .filter(operation -> operation.isAnswered()
                        || switch (operation.call()) {
                            case Read _ -> false;
                            case Write(long value) -> told.contains(value);
                            case Swap(long _, long value) -> told.contains(value);
                        })
                .toList();
    }
}
