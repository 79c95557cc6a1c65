package io.pinion.actors.database;

import io.pinion.actors.backup.BackupHead;
import io.pinion.actors.database.Database.Command;
import io.pinion.actors.database.Database.Requester;
import io.pinion.actors.database.Database.Wanted;
import io.pinion.actors.durability.Outbox;
import io.pinion.actors.snapshot.SnapshotSource;
import io.pinion.store.schema.ModuleDef.TableAccess;
import io.pinion.store.tx.FrozenView;
import io.pinion.store.tx.SystemRecords;
import io.pinion.store.tx.TableInfo;
import io.pinion.store.tx.TableInfo.TableKind;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

/** Begins the copies that a database is asked for, on its thread; they are made on others, from frozen views. */
final class Downloads {
    private final Cell cell;
    private final Outbox outbox;

    Downloads(Cell cell, Outbox outbox) {
        this.cell = cell;
        this.outbox = outbox;
    }

    void begin(Command.Download command, DatabaseLogic logic) {
        Requester requester = command.requester();
        boolean isOwners = requester.mayActFor(logic.program().owner());
        switch (command.wanted()) {
            case Wanted.Backup _
            when !isOwners ->
                command.replyTo().tell(new Database.NotOwner(logic.program().owner()));
            case Wanted.Backup backup -> backup(command, backup, logic);
            case Wanted.Table table -> table(command, table, isOwners, logic);
        }
    }

    private void backup(Command.Download command, Wanted.Backup wanted, DatabaseLogic logic) {
        Program program = logic.program();
        BackupHead head = new BackupHead(
                wanted.pinionVersion(),
                cell.database(),
                wanted.names(),
                program.owner(),
                program.hostType().name(),
                program.hash());
        DatabaseServices services = cell.services();
        long now = services.clock().epochMicros();
        if (wanted.withLog()) {
            send(command, new LogBackup(services, cell.database(), head, outbox::durable, now));
            return;
        }
        SnapshotSource source = SnapshotTaking.source(cell, logic, outbox, "a backup");
        if (send(command, new StateBackup(services, source, head, now))) {
            outbox.append(source.mark());
        } else {
            source.view().close();
        }
    }

    private void table(Command.Download command, Wanted.Table wanted, boolean isOwners, DatabaseLogic logic) {
        Optional<TableInfo> table = logic.store().table(wanted.table());
        Optional<String> objection = objection(wanted.table(), table, isOwners, logic.program());
        if (objection.isPresent()) {
            command.replyTo().tell(new Database.NotDownloaded(objection.get()));
            return;
        }
        TableInfo found = table.orElseThrow();
        FrozenView view = logic.store().freeze("an export");
        int tableId = isOwners ? found.id() : found.idInPublic();
        if (!send(command, new TableExport(view, tableId, found, wanted.format()))) {
            view.close();
        }
    }

    /** A table that others may not see is none to them. */
    private static Optional<String> objection(
            String name, Optional<TableInfo> table, boolean isOwners, Program program) {
        if (table.isEmpty() || (table.get().access() == TableAccess.PRIVATE && !isOwners)) {
            return Optional.of(
                    "there is no table " + name + (isOwners ? "" : ", or only the owner of the database may read it"));
        }
        if (SystemRecords.isCredentials(table.get().id())) {
            return Optional.of("the credentials of connections are not exported");
        }
        if (table.get().kind() == TableKind.VIEW) {
            return Optional.of(name + " is a view: its rows are made when it is asked for, with SQL");
        }
        if (!isOwners && !program.definition().rowLevelSecurity().isEmpty()) {
            return Optional.of("the module has rules about who sees which rows: only the owner of the database may"
                    + " export its tables");
        }
        return Optional.empty();
    }

    /** @return whether the copy is under way; if not, the requester knows */
    private boolean send(Command.Download command, Transfers.Outgoing copy) {
        try {
            command.replyTo()
                    .tell(new Database.Downloading(cell.services().transfers().send(copy)));
            return true;
        } catch (RejectedExecutionException _) {
            command.replyTo().tell(Outcomes.TRANSFERS_ARE_BUSY);
            return false;
        }
    }
}
