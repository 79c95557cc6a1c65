package io.pinion.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.Option;

/** Which node a command talks to, and as whom: one identity per server, made at the first command. */
final class ServerOption {
    private static final String DEFAULT = "http://127.0.0.1:3000";

    @Option(
            names = {"-s", "--server"},
            paramLabel = "URL",
            description = "The node to talk to (default: $PINION_SERVER, else " + DEFAULT + ").")
    private String server = "";

    /** Plain, without a slash at the end. */
    URI uri(Terminal terminal) {
        return uri(
                "--server",
                server.isEmpty() ? terminal.variable("PINION_SERVER").orElse(DEFAULT) : server,
                DEFAULT);
    }

    static URI uri(String option, String text, String example) {
        String withScheme = text.contains("://") ? text : "http://" + text;
        try {
            URI uri = new URI(withScheme.replaceAll("/+$", ""));
            boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (isHttp && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw new CliException(option + ": " + text + " is no URL: " + e.getReason(), e);
        }
        throw new CliException(option + ": " + text + " is no URL such as " + example);
    }

    /** A client with the user's identity at that server. */
    NodeClient client(Terminal terminal) {
        return NodeClient.anonymous(uri(terminal)).as(token(terminal));
    }

    /** Of the user's identity at that server. */
    String token(Terminal terminal) {
        URI uri = uri(terminal);
        return new Logins(terminal.configDirectory())
                .find(uri)
                .orElseGet(() -> logIn(terminal, uri))
                .token();
    }

    /** Gets a new identity from the server and keeps it. */
    static Logins.Login logIn(Terminal terminal, URI uri) {
        NodeClient anonymous = NodeClient.anonymous(uri);
        JsonNode answer = anonymous
                .require(anonymous.post("/v1/identity", "text/plain", ""))
                .json();
        Logins.Login login = new Logins.Login(
                answer.path("identity").asText(), answer.path("token").asText());
        Logins logins = new Logins(terminal.configDirectory());
        logins.save(uri, login);
        terminal.note("New identity at " + uri + ": " + login.identity() + " (kept in " + logins.file() + ")");
        return login;
    }
}
