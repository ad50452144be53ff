using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Access.AccessScene;

namespace HealthShare.UnitTests.Node.Consents;

/// <summary>Consents on paper, over two whole nodes.</summary>
public sealed class AttestationApiTests
{
    [Fact]
    public async Task A_consent_on_paper_lets_another_hospital_read_until_the_patient_revokes_it()
    {
        await using var scene = await StartAsync();
        using var registrar = scene.Client(North, Role.Registrar);
        var consents = $"/api/v1/patients/{scene.PatientId}/consents";
        var attested = await registrar.PostAsync($"{consents}/attestations", await PaperAsync(scene), HttpStatusCode.Created);
        Assert.Equal((North, "paper", "permit", "active"),
            (Text(attested, "attestedBy"), Text(attested, "form"), Text(attested, "effect"), Text(attested, "status")));
        await scene.CaughtUpAsync();
        var (id, records) = await scene.AskAsync(South, scene.Categories("laboratory"));
        Assert.Equal([scene.Glucose], records);
        Assert.Equal(TextOf(scene.Glucose), await scene.ReadAsync(South, id, scene.Glucose));
        Assert.Equal(1, await scene.ScalarAsync<long>(South, "SELECT count(*) FROM received_key"));

        await scene.RevokeAsync(Text(attested, "id")!);
        Assert.Equal(0, await scene.ScalarAsync<long>(South, "SELECT count(*) FROM received_key"));
        Assert.Empty((await scene.AskAsync(South, scene.Categories("laboratory"))).Records);
        var listed = Assert.Single((await registrar.GetOkAsync(consents)).GetProperty("consents").EnumerateArray());
        Assert.Equal(("revoked", North), (Text(listed, "status"), Text(listed, "attestedBy")));
        Assert.NotNull(Text(listed, "revokedBy"));
        Assert.Equal(0, await scene.ScalarAsync<long>(North, "SELECT count(*) FROM incident"));
    }

    [Fact]
    public async Task The_hospital_withdraws_its_own_and_what_may_not_be_attested_is_refused()
    {
        await using var scene = await StartAsync();
        using var registrar = scene.Client(North, Role.Registrar);
        var attestations = $"/api/v1/patients/{scene.PatientId}/consents/attestations";
        var paper = await PaperAsync(scene);
        paper["id"] = LedgerId.New(IdKind.Statement);
        var attested = await registrar.PostAsync(attestations, paper.DeepClone(), HttpStatusCode.Created);
        await registrar.PostAsync(attestations, paper, HttpStatusCode.Created); // again: no second effect
        var withdrawn = await registrar.PostAsync($"{attestations}/{Text(attested, "id")}/withdrawal", new JsonObject(), HttpStatusCode.OK);
        Assert.Equal("revoked", Text(withdrawn, "status"));
        await scene.CaughtUpAsync();
        Assert.Empty((await scene.AskAsync(South, scene.Categories("laboratory"))).Records);

        using var south = scene.Client(South, Role.Registrar);
        Assert.Equal("consent.attester_named",
            await south.RefusedAsync(attestations, await PaperAsync(scene), HttpStatusCode.UnprocessableEntity));
        var never = await PaperAsync(scene);
        never["body"]!["emergency"] = "never";
        Assert.Equal("consent.attested_emergency", await registrar.RefusedAsync(attestations, never, HttpStatusCode.UnprocessableEntity));
        Assert.Equal("access.not_available", await registrar.RefusedAsync(
            $"{attestations}/{LedgerId.New(IdKind.Statement)}/withdrawal", new JsonObject(), HttpStatusCode.NotFound));
        foreach (var role in (Role[])[Role.Physician, Role.Patient, Role.System])
        {
            using var other = scene.Client(North, role);
            Assert.Equal("auth.forbidden", await other.RefusedAsync(attestations, await PaperAsync(scene), HttpStatusCode.Forbidden));
        }
    }

    private static async Task<JsonObject> PaperAsync(AccessScene scene)
    {
        using var key = await scene.Service<LabelKeys>(North).FindAsync(scene.PatientId, default);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var grant = new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(South, "physician")], Category = [Token.Compute(key!.Bytes, TokenDimension.Category, "laboratory")] }],
            new Period(now, now.AddDays(30)));
        return new JsonObject { ["form"] = "paper", ["body"] = JsonNode.Parse(StatementWriter.WriteGrant(grant)) };
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
