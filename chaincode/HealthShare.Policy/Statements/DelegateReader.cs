using System.Text.Json;
using HealthShare.Policy.Ids;

namespace HealthShare.Policy.Statements;

/// <summary>Reads the bodies that are about delegates.</summary>
internal static class DelegateReader
{
    private const int MaxLimits = 16;

    public static AppointDelegateBody ReadAppointment(JsonElement body, string path)
    {
        var members = new MemberReader(body, path, "delegate", "credentials", "scope", "end");
        var id = members.Text("delegate", IsDelegate);
        var credentials = members.RequiredList("credentials", CredentialReader.ReadAddition);
        if (credentials.Length > AppointDelegateBody.MaxCredentials
            || credentials.DistinctBy(credential => credential.Credential, StringComparer.Ordinal).Count() != credentials.Length)
        {
            throw MemberReader.Malformed(
                members.At("credentials"), $"has more than {AppointDelegateBody.MaxCredentials} entries, or one of them twice");
        }
        var scope = ReadScope(members.Required("scope"), members.At("scope"));
        var end = members.Time("end");
        return end is { Day: 1, TimeOfDay.Ticks: 0 }
            ? new AppointDelegateBody(id, credentials, scope, end)
            : throw new PolicyException("statement.period_invalid", $"{members.At("end")} is not the beginning of a month.");
    }

    public static RevokeDelegateBody ReadRevocation(JsonElement body, string path) =>
        new(new MemberReader(body, path, "delegate").Text("delegate", IsDelegate));

    public static ConfirmBody ReadConfirmation(JsonElement body, string path)
    {
        var members = new MemberReader(body, path, "statements");
        var statements = members.RequiredTexts("statements", static text => LedgerId.IsValid(IdKind.Statement, text));
        return statements.Length <= ConfirmBody.MaxStatements && statements.Distinct(StringComparer.Ordinal).Count() == statements.Length
            ? new ConfirmBody(statements)
            : throw MemberReader.Malformed(members.At("statements"), $"has more than {ConfirmBody.MaxStatements} entries, or one of them twice");
    }

    public static bool IsDelegate(string? text) => LedgerId.IsValid(IdKind.Delegate, text);

    private static DelegateScope ReadScope(JsonElement scope, string path)
    {
        var members = new MemberReader(scope, path, "statements", "limit");
        var acts = DelegateActs.None;
        foreach (var act in members.RequiredTexts("statements", static text => ActOf(text) is not DelegateActs.None))
            acts |= ActOf(act);
        var limit = members.List("limit", static (item, at) => GrantReader.ReadProvision(item, at, exceptionDepth: 0));
        // With exceptions one could not tell by looking whether something lies within it.
        if (!limit.IsDefault && (limit.Length > MaxLimits || limit.Any(provision => !provision.Except.IsDefault)))
            throw MemberReader.Malformed(members.At("limit"), $"has more than {MaxLimits} provisions, or one with exceptions");
        return new DelegateScope(acts, limit);
    }

    private static DelegateActs ActOf(string? text) => text switch
    {
        "permit" => DelegateActs.Permit,
        "deny" => DelegateActs.Deny,
        "revoke" => DelegateActs.Revoke,
        "link" => DelegateActs.Link,
        _ => DelegateActs.None,
    };
}
