using HealthShare.Chaincode.Ledger;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Explain;

/// <summary>Someone who might read: anyone of a member, a role or a person there, or any hospital that no statement names.</summary>
/// <param name="Org">MSP id; null for any hospital.</param>
/// <param name="Role">Role; null for anyone whose role is not named.</param>
/// <param name="Staff">Staff id; null for anyone who is not named.</param>
internal sealed record Reader(string? Org, string? Role = null, string? Staff = null)
{
    // No member, role or person can have these names, so only what speaks of anyone matches them.
    private const string Nobody = "", Nowhere = "*";

    /// <summary>Any hospital that no statement names.</summary>
    public static Reader AnyHospital { get; } = new((string?)null);

    /// <summary>What the kernel takes of a request of this reader.</summary>
    /// <param name="member">The member; null for any hospital, or for one that the channel does not have.</param>
    /// <param name="purpose">Purpose.</param>
    /// <param name="time">The time to decide for, in whole seconds.</param>
    /// <param name="emergencyUntil">End of an emergency session of that member; null without one.</param>
    public RequestFacts ToFacts(OrganizationEntry? member, string purpose, DateTimeOffset time, DateTimeOffset? emergencyUntil = null) =>
        new(Org ?? Nowhere, Org is null || member is { Kind: OrganizationKind.Hospital }, Role ?? Nobody, Staff ?? Nobody, purpose, time,
            emergencyUntil, member is { SuspendedAt: not null });

    /// <summary>The reader in words.</summary>
    /// <param name="words">The language.</param>
    /// <param name="nameOf">The name of a member.</param>
    public string Say(PlainWords words, Func<string, string> nameOf) => this switch
    {
        { Org: null } => words.Find("reader.any")!,
        { Staff: { } staff } => words.Find("reader.staff", ("staff", staff), ("org", nameOf(Org)))!,
        { Role: { } role } => words.Find("reader.role", ("role", words.Find($"role.{role}") ?? role), ("org", nameOf(Org)))!,
        _ => words.Find("reader.org", ("org", nameOf(Org)))!,
    };

    /// <summary>Everyone whom provisions name, in their exceptions, too.</summary>
    public static IEnumerable<Reader> NamedIn(IEnumerable<Provision> provisions) => Parts(provisions)
        .SelectMany(part => part.Who.IsDefault ? [] : part.Who.AsEnumerable()).OfType<WhoOrg>()
        .Select(who => new Reader(who.Org, who.Role, who.Staff));

    /// <summary>Every purpose that provisions name, in their exceptions, too.</summary>
    public static IEnumerable<string> PurposesIn(IEnumerable<Provision> provisions) =>
        Parts(provisions).SelectMany(part => part.Purpose.IsDefault ? [] : part.Purpose.AsEnumerable());

    private static IEnumerable<Provision> Parts(IEnumerable<Provision> provisions) =>
        provisions.SelectMany(part => Parts(part.Except.IsDefault ? [] : part.Except.AsEnumerable()).Prepend(part));
}
