using System.Security.Cryptography;

namespace HealthShare.Sandbox;

/// <summary>The people who work at the sandbox's members. All of them are invented.</summary>
internal static class Staff
{
    private static readonly (SandboxMember At, string Person, string Role)[] People =
    [
        (SandboxMember.North, "Dr. Nora Brandt", "physician"),
        (SandboxMember.North, "Lena Fischer", "nurse"),
        (SandboxMember.North, "Paul Iversen", "registrar"),
        (SandboxMember.North, "Integration engine", "system"),
        (SandboxMember.North, "Ida Thomsen", "itAdministrator"),
        (SandboxMember.North, "Ruth Keller-Voss", "privacyOfficer"),
        (SandboxMember.North, "Emil Strand", "auditor"),
        (SandboxMember.South, "Dr. Samuel Okafor", "physician"),
        (SandboxMember.South, "Marta Lindqvist", "nurse"),
        (SandboxMember.South, "Greta Huber", "registrar"),
        (SandboxMember.South, "Jens Maurer", "privacyOfficer"),
        (SandboxMember.South, "Pia Castelli", "itAdministrator"),
        (SandboxMember.South, "Victor Dahl", "auditor"),
        (SandboxMember.East, "Elif Demir", "nurse"),
        (SandboxMember.East, "Dr. Owen Price", "physician"),
        (SandboxMember.East, "Tomas Novak", "registrar"),
        (SandboxMember.East, "Ines Ribeiro", "privacyOfficer"),
        (SandboxMember.East, "Oskar Lund", "itAdministrator"),
        (SandboxMember.East, "Hanna Weiss", "auditor"),
        (SandboxMember.Regulator, "Clara Jensen", "auditor"),
        (SandboxMember.Regulator, "Peter Amsel", "privacyOfficer"),
        (SandboxMember.Regulator, "Rosa Blanc", "itAdministrator"),
    ];

    /// <summary>Everyone with a fresh token; people also get the random id that the ledger knows them by.</summary>
    public static IEnumerable<SignIn> Create(SandboxPorts ports) => People.Select(entry => new SignIn(
        entry.At.Key, SandboxNode.UrlOf(entry.At, ports), entry.Person, entry.Role, SignIn.NewToken(),
        StaffId: entry.Role is "system" ? null : $"sf-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}"));
}
