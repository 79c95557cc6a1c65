package io.pinion.actors.cluster;

import io.pinion.actors.cluster.PinionHost.NamingOutcome;
import io.pinion.actors.database.Database;
import io.pinion.store.value.Identity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Names of databases that exist, and their locks. Names are set aside before anything changes, so of two who want one name
 * one gets it; what a node that dies leaves half done is settled as reservations are. Threadsafe.
 */
final class Naming {
    private final DirectoryClient directory;
    private final PinionHost host;
    private final Function<Identity, CompletionStage<Database.DescribeOutcome>> describe;

    Naming(
            DirectoryClient directory,
            PinionHost host,
            Function<Identity, CompletionStage<Database.DescribeOutcome>> describe) {
        this.directory = directory;
        this.host = host;
        this.describe = describe;
    }

    CompletionStage<NamingOutcome> add(Identity database, Identity caller, String name) {
        return asOwner(
                database,
                caller,
                () -> reserved(database, caller, List.of(name), 0)
                        .thenCompose(outcome -> outcome instanceof NamingOutcome.Done
                                ? bound(database, caller, List.of(name)).thenApply(_ -> outcome)
                                : CompletableFuture.completedStage(outcome)));
    }

    CompletionStage<NamingOutcome> replace(Identity database, Identity caller, List<String> names) {
        return asOwner(
                database,
                caller,
                () -> reserved(database, caller, names, 0)
                        .thenCompose(outcome -> outcome instanceof NamingOutcome.Done
                                ? exchanged(database, caller, names).thenApply(_ -> outcome)
                                : CompletableFuture.completedStage(outcome)));
    }

    CompletionStage<NamingOutcome> lock(Identity database, Identity caller, boolean locked) {
        return asOwner(
                database, caller, () -> directory.lock(database, locked).thenApply(_ -> new NamingOutcome.Done()));
    }

    /** What is done, unless the database is locked; only who may act for its owner learns that it is. */
    <O> CompletionStage<O> unlessLocked(
            Identity database,
            Predicate<Identity> mayActFor,
            Function<Database.Locked, O> whenLocked,
            Supplier<CompletionStage<O>> action) {
        return directory.isLocked(database).thenCompose(locked -> {
            if (!locked) {
                return action.get();
            }
            return describe.apply(database)
                    .thenCompose(outcome ->
                            outcome instanceof Database.Description description && mayActFor.test(description.owner())
                                    ? CompletableFuture.completedStage(whenLocked.apply(new Database.Locked()))
                                    : action.get());
        });
    }

    private CompletionStage<NamingOutcome> asOwner(
            Identity database, Identity caller, Supplier<? extends CompletionStage<? extends NamingOutcome>> action) {
        return describe.apply(database).thenCompose(outcome -> switch (outcome) {
            case Database.Description description ->
                description.owner().equals(caller)
                        ? action.get().thenApply(done -> done)
                        : CompletableFuture.completedStage(new NamingOutcome.NotTheOwner(description.owner()));
            case Database.Refusal refusal -> CompletableFuture.completedStage(new NamingOutcome.NotThere(refusal));
        });
    }

    /** Sets all names aside, or none. A reservation of somebody who died is settled first. */
    private CompletionStage<NamingOutcome> reserved(Identity database, Identity owner, List<String> names, int index) {
        if (index == names.size()) {
            return CompletableFuture.completedStage(new NamingOutcome.Done());
        }
        String name = names.get(index);
        return host.resolve(name)
                .thenCompose(_ -> directory.reserveName(name, database, owner))
                .thenCompose(answer -> switch (answer) {
                    case Directory.NameReserved(Identity reserver, Identity _, long _)
                    when reserver.equals(database) -> reserved(database, owner, names, index + 1);
                    case Directory.NameReserved(Identity _, Identity other, long _) ->
                        released(database, names.subList(0, index), new NamingOutcome.NameTaken(name, other));
                    case Directory.NameBound(Identity _, Identity other) ->
                        released(database, names.subList(0, index), new NamingOutcome.NameTaken(name, other));
                    case Directory.NameFree _ ->
                        throw new IllegalStateException("the directory reserved " + name + " and calls it free");
                });
    }

    /** Whoever met a reservation meanwhile may have taken it for one of a publish and bound the name. */
    private CompletionStage<NamingOutcome> released(Identity database, List<String> names, NamingOutcome outcome) {
        return all(
                        names,
                        name -> directory
                                .releaseName(name, database)
                                .thenCompose(_ -> directory.unbindName(name, database)))
                .thenCompose(_ -> directory.names(database))
                .thenCompose(listed -> Collections.disjoint(listed, names)
                        ? CompletableFuture.completedStage(outcome)
                        : directory.setNames(database, without(listed, names)).thenApply(_ -> outcome));
    }

    private static List<String> without(List<String> listed, List<String> names) {
        return listed.stream().filter(name -> !names.contains(name)).toList();
    }

    private CompletionStage<?> bound(Identity database, Identity owner, List<String> names) {
        return all(
                names,
                name -> directory
                        .register(database, owner, name)
                        .thenCompose(_ -> directory.confirmName(name, database)));
    }

    private CompletionStage<?> exchanged(Identity database, Identity owner, List<String> names) {
        return directory
                .names(database)
                .thenCompose(old -> bound(database, owner, names)
                        .thenCompose(_ -> all(old, name -> directory.unbindName(name, database)))
                        .thenCompose(_ -> directory.setNames(database, names)));
    }

    private static CompletionStage<?> all(List<String> names, Function<String, CompletionStage<?>> action) {
        List<CompletableFuture<?>> stages = new ArrayList<>();
        names.forEach(name -> stages.add(action.apply(name).toCompletableFuture()));
        return CompletableFuture.allOf(stages.toArray(CompletableFuture[]::new));
    }
}
