package io.pinion.actors;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class ActorsArchitectureTest {
    private static final JavaClasses ACTORS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.pinion.actors");

    @Test
    void packagesFormNoCycles() {
        slices().matching("io.pinion.actors.(*)..").should().beFreeOfCycles().check(ACTORS);
    }

    @Test
    void nothingHereKnowsHttpExceptWhatProceduresSend() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.pinion.actors.procedure..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.pekko.http..")
                .check(ACTORS);
    }

    @Test
    void nothingHereKnowsAnEngine() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.pinion.node..",
                        "io.pinion.journal..",
                        "io.pinion.modules.wasm..",
                        "io.pinion.modules.js..",
                        "org.graalvm..",
                        "com.dylibso..")
                .check(ACTORS);
    }

    @Test
    void whatDatabasesAreMadeOfDoesNotKnowThem() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.pinion.actors.durability..",
                        "io.pinion.actors.pool..",
                        "io.pinion.actors.procedure..",
                        "io.pinion.actors.schedule..",
                        "io.pinion.actors.subscription..",
                        "io.pinion.actors.log..",
                        "io.pinion.actors.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.pinion.actors.database..", "io.pinion.actors.cluster..")
                .check(ACTORS);
    }

    @Test
    void nothingIsWrittenToStandardStreams() {
        noClasses().should().accessField(System.class, "out").check(ACTORS);
        noClasses().should().accessField(System.class, "err").check(ACTORS);
    }

    @Test
    void nothingUsesJavaSerialization() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectOutputStream")
                .check(ACTORS);
        classes().should().notBeAssignableTo(java.io.Externalizable.class).check(ACTORS);
    }

    @Test
    void everyPackageIsNullMarked() {
        assertFalse(ACTORS.getDefaultPackage().getSubpackagesInTree().isEmpty());
        for (JavaPackage javaPackage : ACTORS.getPackage("io.pinion.actors").getSubpackages()) {
            assertTrue(javaPackage.isAnnotatedWith(NullMarked.class), javaPackage.getName());
        }
    }
}
