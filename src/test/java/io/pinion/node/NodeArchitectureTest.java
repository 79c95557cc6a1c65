package io.pinion.node;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class NodeArchitectureTest {
    private static final JavaClasses NODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.pinion.node");

    @Test
    void authenticationKnowsNothingOfHttpAndDatabases() {
        noClasses()
                .that()
                .resideInAPackage("io.pinion.node.auth..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.pinion.node.http..",
                        "io.pinion.node.cli..",
                        "io.pinion.actors..",
                        "io.pinion.modules..",
                        "org.apache.pekko..")
                .check(NODE);
    }

    @Test
    void routesSpeakToDatabasesByTheirProtocolOnly() {
        noClasses()
                .that()
                .resideInAPackage("io.pinion.node.http..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.pinion.node",
                        "io.pinion.node.cli..",
                        "io.pinion.actors.core..",
                        "io.pinion.actors.durability..",
                        "io.pinion.actors.pool..",
                        "io.pinion.actors.schedule..",
                        "io.pinion.modules.wasm..",
                        "io.pinion.modules.js..",
                        "io.pinion.store.tx..",
                        "io.pinion.store.table..",
                        "io.pinion.journal..")
                .check(NODE);
    }

    @Test
    void webSocketsKnowNoRoutesAndSpeakToDatabasesByTheirProtocolOnly() {
        noClasses()
                .that()
                .resideInAPackage("io.pinion.node.ws..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.pinion.node",
                        "io.pinion.node.http..",
                        "io.pinion.node.cli..",
                        "io.pinion.actors.core..",
                        "io.pinion.actors.durability..",
                        "io.pinion.actors.pool..",
                        "io.pinion.actors.schedule..",
                        "io.pinion.modules..",
                        "io.pinion.store.query..",
                        "io.pinion.store.table..",
                        "io.pinion.journal..")
                .check(NODE);
    }

    @Test
    void theCommandLineIsAClientLikeAnyOther() {
        noClasses()
                .that()
                .resideInAPackage("io.pinion.node.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.pinion.node.http..",
                        "io.pinion.node.auth..",
                        "io.pinion.actors.database..",
                        "io.pinion.modules..",
                        "org.apache.pekko..")
                .check(NODE);
    }

    @Test
    void nobodyUsesJavaSerialization() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectInputStream")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectOutputStream")
                .check(NODE);
    }

    @Test
    void everyPackageSaysWhatItIsFor() {
        classes()
                .that()
                .resideInAPackage("io.pinion.node..")
                .should()
                .resideInAnyPackage(
                        "io.pinion.node",
                        "io.pinion.node.auth",
                        "io.pinion.node.http",
                        "io.pinion.node.bindings",
                        "io.pinion.node.pgwire",
                        "io.pinion.node.ws",
                        "io.pinion.node.cli")
                .check(NODE);
    }
}
