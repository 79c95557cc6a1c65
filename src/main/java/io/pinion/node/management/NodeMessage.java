package io.pinion.node.management;

import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;

/** What nodes ask each other for their operators; {@link ManagementSerializer} gives the bytes. */
sealed interface NodeMessage {
    /**
     * @param what one of {@link LocalNode}'s answers by name
     * @param parameters of it, as they stand in a query
     */
    record Ask(String what, Map<String, String> parameters, ActorRef<Reply> replyTo) implements NodeMessage {
        public Ask {
            parameters = Map.copyOf(parameters);
        }
    }

    /**
     * @param status as over HTTP
     * @param body JSON if that is a success, else a sentence
     */
    record Reply(int status, String body) implements NodeMessage {
        boolean isSuccess() {
            return status / 100 == 2;
        }
    }
}
