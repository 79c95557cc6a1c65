package io.pinion.actors.database;

import io.pinion.store.value.Identity;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** One hosted database: carries out its commands one at a time, in the order received. */
public final class DatabaseActor {
    private DatabaseActor() {}

    /** The database of that identity, whether or not anything was ever published to it. */
    public static Behavior<Database.Command> create(Identity database, DatabaseServices services) {
        return Behaviors.setup(context -> {
            context.getLog()
                    .debug(
                            "database {} starts, with data in {}",
                            database,
                            services.settings().dataDirectory());
            return Behaviors.receiveMessage(command -> {
                refuse(command);
                return Behaviors.same();
            });
        });
    }

    private static void refuse(Database.Command command) {
        Database.NoSuchModule answer = new Database.NoSuchModule();
        switch (command) {
            case Database.Command.CallReducer call -> call.replyTo().tell(answer);
            case Database.Command.Query query -> query.replyTo().tell(answer);
            case Database.Command.Describe describe -> describe.replyTo().tell(answer);
            case Database.Command.Publish publish -> publish.replyTo().tell(answer);
            case Database.Command.ReadLog read -> read.replyTo().tell(answer);
            case Database.Command.FollowLog follow -> follow.replyTo().tell(answer);
            case Database.Command.Delete delete -> delete.replyTo().tell(answer);
            case Database.Command.Rebind rebind -> {}
        }
    }
}
