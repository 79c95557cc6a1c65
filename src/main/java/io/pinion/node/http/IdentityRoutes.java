package io.pinion.node.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.pinion.node.auth.Credentials;
import io.pinion.node.auth.TokenAuthority;
import io.pinion.node.http.Route.Access;
import io.pinion.store.value.Identity;
import java.util.List;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;

/** {@code /v1/identity}: new identities, the node's public key, what a token is worth. */
final class IdentityRoutes {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final TokenAuthority tokens;
    private final Databases databases;

    IdentityRoutes(TokenAuthority tokens, Databases databases) {
        this.tokens = tokens;
        this.databases = databases;
    }

    List<Route> routes() {
        return List.of(
                Route.post("/v1/identity", Access.OPEN, _ -> mint()),
                Route.get("/v1/identity/public-key", Access.OPEN, _ -> publicKey()),
                Route.post("/v1/identity/websocket-token", Access.REQUIRED, this::webSocketToken),
                Route.get("/v1/identity/{identity}/verify", Access.REQUIRED, IdentityRoutes::verify),
                Route.get("/v1/identity/{identity}/databases", Access.OPEN, this::ownedDatabases));
    }

    private HttpResponse mint() {
        Credentials minted = tokens.mintIdentity();
        ObjectNode body = JSON.objectNode();
        body.put("identity", minted.identity().toHex());
        body.put("token", minted.token());
        return Answers.json(body);
    }

    private HttpResponse publicKey() {
        return HttpResponse.create()
                .withEntity(HttpEntities.create(
                        ContentTypes.create(MediaTypes.customBinary(
                                "application", "pem-certificate-chain", MediaTypes.NOT_COMPRESSIBLE)),
                        tokens.publicPem().getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
    }

    private HttpResponse webSocketToken(Exchange exchange) {
        return Answers.json(JSON.objectNode().put("token", tokens.mintShortLived(exchange.credentials())));
    }

    private static HttpResponse verify(Exchange exchange) {
        boolean isTheirs = exchange.credentials().identity().equals(identity(exchange));
        return Answers.empty(isTheirs ? 204 : 400);
    }

    private HttpResponse ownedDatabases(Exchange exchange) {
        ArrayNode owned = JSON.arrayNode();
        Databases.await(databases.host().ownedBy(identity(exchange))).forEach(database -> owned.add(database.toHex()));
        return Answers.json(JSON.objectNode().set("identities", owned));
    }

    /** Exactly 64 hex digits, without a prefix. */
    static Identity identity(Exchange exchange) {
        String text = exchange.pathParameter("identity");
        if (text.startsWith("0x") || !Identity.isIdentity(text)) {
            throw HttpRefusal.of(400, "Invalid URL: an identity is 64 hex digits, not `" + text + "`");
        }
        return Identity.parse(text);
    }
}
