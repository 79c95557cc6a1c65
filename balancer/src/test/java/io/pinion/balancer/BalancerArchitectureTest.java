package io.pinion.balancer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class BalancerArchitectureTest {
    private static final JavaClasses BALANCER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.pinion.balancer");

    @Test
    void nothingHereKnowsHttpAnEngineOrTheTablesOfADatabase() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.pinion.node..",
                        "io.pinion.journal..",
                        "io.pinion.modules..",
                        "io.pinion.store.table..",
                        "io.pinion.store.tx..",
                        "io.pinion.store.query..",
                        "org.apache.pekko.http..")
                .check(BALANCER);
    }

    @Test
    void whatDecidesKnowsNoActors() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Planner")
                .or()
                .haveSimpleNameEndingWith("Evener")
                .or()
                .resideInAPackage("io.pinion.balancer.simulation")
                .should()
                .onlyDependOnClassesThat()
                .resideOutsideOfPackages("org.apache.pekko.actor.typed..", "org.apache.pekko.cluster..")
                .check(BALANCER);
    }

    @Test
    void nothingUsesJavaSerialization() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectOutputStream")
                .check(BALANCER);
    }
}
