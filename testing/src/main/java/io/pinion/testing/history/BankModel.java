package io.pinion.testing.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Accounts, between which amounts are moved, and all of which are read at once.
 *
 * @param initial balance of each
 */
public record BankModel(List<Long> initial) implements Model<List<Long>, BankModel.Call, BankModel.Answer> {
    public BankModel {
        initial = List.copyOf(initial);
    }

    public static BankModel of(int accounts, long balance) {
        return new BankModel(Collections.nCopies(accounts, balance));
    }

    public sealed interface Call {}

    /** @param source and target from 0 */
    public record Transfer(int source, int target, long amount) implements Call {}

    public record Balances() implements Call {}

    public sealed interface Answer {}

    public record Done() implements Answer {}

    public record Held(List<Long> balances) implements Answer {
        public Held {
            balances = List.copyOf(balances);
        }
    }

    @Override
    public Optional<List<Long>> step(List<Long> state, Call call, @Nullable Answer answer) {
        return switch (call) {
            case Transfer transfer -> answer instanceof Held ? Optional.empty() : Optional.of(after(state, transfer));
            case Balances _ -> answer == null || answer.equals(new Held(state)) ? Optional.of(state) : Optional.empty();
        };
    }

    private static List<Long> after(List<Long> state, Transfer transfer) {
        List<Long> balances = new ArrayList<>(state);
        balances.set(transfer.source(), balances.get(transfer.source()) - transfer.amount());
        balances.set(transfer.target(), balances.get(transfer.target()) + transfer.amount());
        return List.copyOf(balances);
    }
}
