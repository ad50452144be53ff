using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Access.AccessScene;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>What hospitals vouch for, over two whole nodes.</summary>
public sealed class VouchedSignerApiTests
{
    [Fact]
    public async Task Two_hospitals_vouch_the_guardian_denies_and_the_patient_objects()
    {
        await using var scene = await AccessScene.StartAsync();
        using var parent = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var north = scene.Client(North, Role.Registrar);
        using var south = scene.Client(South, Role.Registrar);
        var patient = $"/api/v1/patients/{scene.PatientId}";
        await scene.GrantAsync();
        var first = await south.PostAsync($"{patient}/attested-signers", Guardian(parent), HttpStatusCode.Created);
        var id = Text(first, "signerId")!;
        Assert.Equal(("incomplete", "guardian"), (Text(first, "status"), Text(first, "kind")));
        var deny = parent.Statement(scene.PatientId, Deny()) with { Signer = new StatementSigner(parent.CredentialId, id) };
        Assert.Equal("attestation.incomplete", await south.RefusedAsync(
            $"{patient}/consents", parent.Signed(deny), HttpStatusCode.UnprocessableEntity));

        var guardian = Guardian(parent);
        guardian["signerId"] = id;
        var second = await north.PostAsync($"{patient}/attested-signers", guardian, HttpStatusCode.Created);
        Assert.Equal("waiting", Text(second, "status"));
        Assert.Equal([South, North], second.GetProperty("vouchedBy").EnumerateArray().Select(member => member.GetString()));
        await south.PostAsync($"{patient}/consents", parent.Signed(deny), HttpStatusCode.Created);
        await scene.CaughtUpAsync();
        Assert.Empty((await scene.AskAsync(South, scene.Categories("laboratory"))).Records);
        Assert.Equal("attestation.waiting", await south.RefusedAsync($"{patient}/consents", parent.Signed(deny with
        {
            Id = LedgerId.New(IdKind.Statement), Body = Deny() with { Effect = Effect.Permit },
        }), HttpStatusCode.UnprocessableEntity));

        var word = new JsonObject { ["statement"] = scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeDelegateBody(id))) };
        var stopped = await south.PostAsync($"{patient}/attested-signers/{id}/objection", word, HttpStatusCode.OK);
        Assert.Equal("objected", Text(stopped, "status"));
        await scene.CaughtUpAsync();
        var listed = Assert.Single((await north.GetOkAsync($"{patient}/attested-signers")).GetProperty("signers").EnumerateArray());
        Assert.Equal(("objected", South), (Text(listed, "status"), Text(listed, "objectedBy")));
    }

    [Fact]
    public async Task Only_registrars_vouch_and_object_in_their_hospitals_name()
    {
        await using var scene = await AccessScene.StartAsync();
        using var parent = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var north = scene.Client(North, Role.Registrar);
        var patient = $"/api/v1/patients/{scene.PatientId}";
        foreach (var role in (Role[])[Role.Physician, Role.Patient, Role.System])
        {
            using var other = scene.Client(North, role);
            Assert.Equal("auth.forbidden", await other.RefusedAsync($"{patient}/attested-signers", Guardian(parent), HttpStatusCode.Forbidden));
        }
        var id = Text(await north.PostAsync($"{patient}/attested-signers", Guardian(parent), HttpStatusCode.Created), "signerId");
        using var system = scene.Client(North, Role.System);
        Assert.Equal("auth.forbidden", await system.RefusedAsync(
            $"{patient}/attested-signers/{id}/objection", new JsonObject(), HttpStatusCode.Forbidden));
        using var stranger = scene.Client(North, Role.Patient);
        Assert.Equal("access.not_available", await stranger.RefusedAsync(
            $"{patient}/attested-signers/{id}/objection", new JsonObject(), HttpStatusCode.NotFound));
        await ProblemAsync(stranger, $"{patient}/attested-signers");
        Assert.Equal("objected", Text(await north.PostAsync(
            $"{patient}/attested-signers/{id}/objection", new JsonObject(), HttpStatusCode.OK), "status"));
    }

    private static JsonObject Guardian(SoftwareAuthenticator parent)
    {
        var now = DateTimeOffset.UtcNow;
        var end = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(6);
        return new JsonObject { ["kind"] = "guardian", ["credentials"] = new JsonArray(parent.Credential()), ["end"] = LedgerTime.Format(end) };
    }

    private static GrantBody Deny() => new(
        Effect.Deny, [new Provision { Who = [new WhoOrg(South)] }], new Period(LedgerTime.Truncate(DateTimeOffset.UtcNow).AddMinutes(-1)));

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
