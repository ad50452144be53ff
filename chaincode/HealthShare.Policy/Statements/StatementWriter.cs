using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Json;

namespace HealthShare.Policy.Statements;

/// <summary>Writes statements in their canonical form, ready to be signed.</summary>
public static class StatementWriter
{
    /// <summary>The canonical bytes of a statement. Does not check it: <see cref="StatementReader"/> does.</summary>
    public static byte[] Write(Statement statement)
    {
        var (type, body) = statement.Body switch
        {
            GrantBody grant => ("grant", Grant(grant)),
            RevokeBody revoke => ("revoke", new JsonObject { ["statement"] = revoke.Statement }),
            LinkBody link => ("link", new JsonObject { ["member"] = link.Member }),
            AddCredentialBody added => ("addCredential", Credential(added)),
            RevokeCredentialBody revoked => ("revokeCredential", new JsonObject { ["credential"] = revoked.Credential }),
            AppointDelegateBody appointment => ("appointDelegate", Appointment(appointment)),
            RevokeDelegateBody ended => ("revokeDelegate", new JsonObject { ["delegate"] = ended.Delegate }),
            ConfirmBody confirmation => ("confirm", new JsonObject { ["statements"] = List(confirmation.Statements, Text) }),
            EraseBody => ("erase", new JsonObject()),
            _ => throw new ArgumentException("This type of statement cannot be written.", nameof(statement)),
        };
        var json = new JsonObject
        {
            ["v"] = Statement.Version,
            ["type"] = type,
            ["channel"] = statement.Channel,
            ["id"] = statement.Id,
            ["patient"] = statement.Patient,
            ["signer"] = Signer(statement.Signer),
            ["issued"] = LedgerTime.Format(statement.Issued),
            ["body"] = body,
        };
        return Canonical(json);
    }

    private static JsonObject Signer(StatementSigner signer)
    {
        var json = new JsonObject { ["credential"] = signer.Credential };
        if (signer.Delegate is not null)
            json["delegate"] = signer.Delegate;
        return json;
    }

    private static JsonObject Credential(AddCredentialBody credential) => new()
    {
        ["credential"] = credential.Credential,
        ["publicKey"] = credential.PublicKey,
        ["rpId"] = credential.RpId,
        ["origins"] = List(credential.Origins, Text),
    };

    private static JsonObject Appointment(AppointDelegateBody appointment)
    {
        var acts = Enum.GetValues<DelegateActs>().Where(act => act is not DelegateActs.None && appointment.Scope.Statements.HasFlag(act));
        var scope = new JsonObject { ["statements"] = new JsonArray([.. acts.Select(act => (JsonNode)act.ToString().ToLowerInvariant())]) };
        Add(scope, "limit", appointment.Scope.Limit, Provision);
        return new JsonObject
        {
            ["delegate"] = appointment.Delegate,
            ["credentials"] = List(appointment.Credentials, Credential),
            ["scope"] = scope,
            ["end"] = LedgerTime.Format(appointment.End),
        };
    }

    /// <summary>The canonical bytes of a grant's body.</summary>
    public static byte[] WriteGrant(GrantBody grant) => Canonical(Grant(grant));

    private static byte[] Canonical(JsonObject json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            json.WriteTo(writer);
        return CanonicalJson.Canonicalize(buffer.ToArray());
    }

    private static JsonObject Grant(GrantBody grant)
    {
        var json = new JsonObject
        {
            ["effect"] = grant.Effect is Effect.Permit ? "permit" : "deny",
            ["scope"] = List(grant.Scope, Provision),
            ["period"] = Interval(grant.Period.Start, grant.Period.End),
        };
        if (grant.EmergencyNever)
            json["emergency"] = "never";
        if (grant.Uses is { } uses)
            json["uses"] = uses;
        if (grant.Replaces is { } replaces)
            json["replaces"] = replaces;
        return json;
    }

    private static JsonObject Provision(Provision provision)
    {
        var json = new JsonObject();
        Add(json, "who", provision.Who, WhoOf);
        Add(json, "purpose", provision.Purpose, Text);
        Add(json, "category", provision.Category, Text);
        Add(json, "labels", provision.Labels, Text);
        Add(json, "confidentiality", provision.Confidentiality, Text);
        Add(json, "records", provision.Records, Text);
        Add(json, "authors", provision.Authors, Text);
        Add(json, "encounters", provision.Encounters, Text);
        Add(json, "custodians", provision.Custodians, Text);
        if (provision.DataPeriod is { } data)
            json["dataPeriod"] = Interval(data.Start, data.End);
        Add(json, "except", provision.Except, Provision);
        return json;
    }

    private static JsonObject WhoOf(Who who)
    {
        if (who is not WhoOrg reader)
            return new JsonObject { ["anyHospital"] = true };
        var json = new JsonObject { ["org"] = reader.Org };
        if (reader.Role is not null)
            json["role"] = reader.Role;
        if (reader.Staff is not null)
            json["staff"] = reader.Staff;
        return json;
    }

    private static JsonObject Interval(DateTimeOffset? start, DateTimeOffset? end)
    {
        var json = new JsonObject();
        if (start is { } first)
            json["start"] = LedgerTime.Format(first);
        if (end is { } last)
            json["end"] = LedgerTime.Format(last);
        return json;
    }

    private static JsonValue Text(string text) => JsonValue.Create(text);

    private static void Add<T>(JsonObject json, string name, ImmutableArray<T> items, Func<T, JsonNode> write)
    {
        if (!items.IsDefault)
            json[name] = List(items, write);
    }

    private static JsonArray List<T>(ImmutableArray<T> items, Func<T, JsonNode> write) => new([.. items.Select(write)]);
}
