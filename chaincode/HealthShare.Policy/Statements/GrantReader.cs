using System.Text.Json;
using HealthShare.Policy.Ids;

namespace HealthShare.Policy.Statements;

/// <summary>Reads the body of a grant: effect, scope, period.</summary>
internal static class GrantReader
{
    private const int MaxExceptionDepth = 4;

    public static GrantBody Read(JsonElement body, string path)
    {
        var members = new MemberReader(body, path, "effect", "scope", "period", "uses", "emergency", "replaces");
        var effect = members.Text("effect", static text => text is "permit" or "deny") is "permit" ? Effect.Permit : Effect.Deny;
        var scope = members.RequiredList("scope", static (item, at) => ReadProvision(item, at, exceptionDepth: 0));
        var period = ReadPeriod(members.Required("period"), members.At("period"));
        var emergency = members.OptionalText("emergency", static text => text is "never");
        var uses = ReadUses(members);
        if (uses is not null && effect is Effect.Deny)
            throw MemberReader.Malformed(members.At("uses"), "counts a deny; only a permit is counted");
        var replaces = members.OptionalText("replaces", static text => LedgerId.IsValid(IdKind.Statement, text));
        return new GrantBody(effect, scope, period, emergency is not null, uses, replaces);
    }

    private static int? ReadUses(MemberReader members)
    {
        if (members.Optional("uses") is not { } uses)
            return null;
        return uses.ValueKind is JsonValueKind.Number && uses.TryGetInt32(out var number) && number is >= 1 and <= GrantBody.MaxUses
            ? number
            : throw MemberReader.Malformed(members.At("uses"), $"is not 1 to {GrantBody.MaxUses}");
    }

    public static Provision ReadProvision(JsonElement provision, string path, int exceptionDepth)
    {
        if (exceptionDepth > MaxExceptionDepth)
            throw new PolicyException("statement.too_deep", $"{path}: exceptions nest at most {MaxExceptionDepth} deep.");
        var members = new MemberReader(provision, path, "who", "purpose", "category", "labels", "confidentiality", "records",
            "authors", "encounters", "custodians", "dataPeriod", "except");
        return new Provision
        {
            Who = members.List("who", ReadWho),
            Purpose = members.Texts("purpose", LedgerCode.IsPurpose),
            Category = members.Texts("category", Token.IsValid),
            Labels = members.Texts("labels", Token.IsValid),
            Confidentiality = members.Texts("confidentiality", LedgerCode.IsConfidentiality),
            Records = members.Texts("records", static text => LedgerId.IsValid(IdKind.Record, text)),
            Authors = members.Texts("authors", Token.IsValid),
            Encounters = members.Texts("encounters", Token.IsValid),
            Custodians = members.Texts("custodians", LedgerCode.IsMspId),
            DataPeriod = members.Optional("dataPeriod") is { } data ? ReadDataPeriod(data, members.At("dataPeriod")) : null,
            Except = members.List("except", (item, at) => ReadProvision(item, at, exceptionDepth + 1)),
        };
    }

    private static Who ReadWho(JsonElement who, string path)
    {
        var members = new MemberReader(who, path, "org", "role", "staff", "anyHospital", "careTeam", "study");
        if (members.Has("careTeam") || members.Has("study"))
            throw new PolicyException("statement.who_unsupported", $"{path}: care teams and studies do not exist yet.");
        if (members.Optional("anyHospital") is { } any)
        {
            return any.ValueKind is JsonValueKind.True && !members.Has("org") && !members.Has("role") && !members.Has("staff")
                ? WhoAnyHospital.Instance
                : throw MemberReader.Malformed(path, "joins anyHospital with something else");
        }
        var reader = new WhoOrg(members.Text("org", LedgerCode.IsMspId), members.OptionalText("role", LedgerCode.IsCode),
            members.OptionalText("staff", LedgerCode.IsCode));
        return reader is { Role: not null, Staff: not null }
            ? throw MemberReader.Malformed(path, "names both a role and a person")
            : reader;
    }

    private static Period ReadPeriod(JsonElement period, string path)
    {
        var members = new MemberReader(period, path, "start", "end");
        var read = new Period(members.Time("start"), members.OptionalTime("end"));
        return read.End <= read.Start ? throw Empty(path) : read;
    }

    private static DataPeriod ReadDataPeriod(JsonElement period, string path)
    {
        var members = new MemberReader(period, path, "start", "end");
        var read = new DataPeriod(members.OptionalTime("start"), members.OptionalTime("end"));
        if (read is { Start: null, End: null })
            throw MemberReader.Malformed(path, "has neither a start nor an end");
        return read.End <= read.Start ? throw Empty(path) : read;
    }

    private static PolicyException Empty(string path) =>
        new("statement.period_invalid", $"{path} ends before it begins, or as it begins.");
}
