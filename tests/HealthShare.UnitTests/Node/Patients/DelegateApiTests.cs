using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using HealthShare.Node.Auth;
using HealthShare.Node.Keys;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Access;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Access.AccessScene;

namespace HealthShare.UnitTests.Node.Patients;

/// <summary>A friend signs for the patient, over two whole nodes.</summary>
public sealed class DelegateApiTests
{
    [Fact]
    public async Task South_reads_what_a_delegate_permitted_until_the_patient_revokes_the_delegate()
    {
        await using var scene = await StartAsync();
        using var friend = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var registrar = scene.Client(North, Role.Registrar);
        var patient = $"/api/v1/patients/{scene.PatientId}";
        var id = LedgerId.New(IdKind.Delegate);
        var end = MonthAhead(6);
        var appointed = await registrar.PostAsync($"{patient}/delegates",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, Appointment(id, friend, end))), HttpStatusCode.Created);
        Assert.Equal((id, "active", end), (Text(appointed, "id"), Text(appointed, "status"), appointed.GetProperty("end").GetDateTimeOffset()));
        Assert.Equal(["permit"], appointed.GetProperty("scope").GetProperty("statements").EnumerateArray().Select(act => act.GetString()));

        // The delegate brings the permit to South's node; North, the custodian, checks it all the way up to the patient's passkey.
        using var south = scene.Client(South, Role.Registrar);
        var permit = await PermitAsync(scene, friend, id);
        var created = await south.PostAsync($"{patient}/consents", friend.Signed(permit), HttpStatusCode.Created);
        Assert.Equal(id, Text(created, "delegate"));
        await scene.CaughtUpAsync();
        var (access, records) = await scene.AskAsync(South, scene.Categories("laboratory"));
        Assert.Equal([scene.Glucose], records);
        Assert.Equal(TextOf(scene.Glucose), await scene.ReadAsync(South, access, scene.Glucose));
        Assert.Equal(1, await scene.ScalarAsync<long>(South, "SELECT count(*) FROM received_key"));

        var revoked = await registrar.PostAsync($"{patient}/delegates/{id}/revocation",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeDelegateBody(id))), HttpStatusCode.OK);
        Assert.Equal("revoked", Text(revoked, "status"));
        await scene.CaughtUpAsync();
        Assert.Equal(0, await scene.ScalarAsync<long>(South, "SELECT count(*) FROM received_key"));
        Assert.Empty((await scene.AskAsync(South, scene.Categories("laboratory"))).Records);
        Assert.Equal("delegate.revoked", await south.RefusedAsync($"{patient}/consents",
            friend.Signed(await PermitAsync(scene, friend, id)), HttpStatusCode.UnprocessableEntity));

        // The patient's own word brings it back.
        var confirmed = await registrar.PostAsync($"{patient}/consents/confirmations",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new ConfirmBody([permit.Id]))), HttpStatusCode.Created);
        Assert.Equal([permit.Id], confirmed.GetProperty("consents").EnumerateArray().Select(consent => consent.GetString()));
        await scene.CaughtUpAsync();
        (access, _) = await scene.AskAsync(South, scene.Categories("laboratory"));
        Assert.Equal(TextOf(scene.Glucose), await scene.ReadAsync(South, access, scene.Glucose));
        var listed = Assert.Single((await registrar.GetOkAsync($"{patient}/delegates")).GetProperty("delegates").EnumerateArray());
        Assert.Equal("revoked", Text(listed, "status"));
        Assert.Equal(0, await scene.ScalarAsync<long>(North, "SELECT count(*) FROM incident"));
    }

    [Fact]
    public async Task Addresses_and_statements_must_agree_and_other_patients_see_nothing()
    {
        await using var scene = await StartAsync();
        using var friend = SoftwareAuthenticator.Create("south.example", "https://south.example");
        using var registrar = scene.Client(North, Role.Registrar);
        var patient = $"/api/v1/patients/{scene.PatientId}";
        var id = LedgerId.New(IdKind.Delegate);
        Assert.Equal("statement.wrong_type", await RefusedAsync($"{patient}/delegates", new RevokeDelegateBody(id)));
        Assert.Equal("statement.wrong_type", await RefusedAsync($"{patient}/consents/confirmations", new RevokeDelegateBody(id)));
        Assert.Equal("statement.wrong_target", await RefusedAsync(
            $"{patient}/delegates/{LedgerId.New(IdKind.Delegate)}/revocation", new RevokeDelegateBody(id)));
        Assert.Equal("delegate.end_out_of_range", await RefusedAsync($"{patient}/delegates", Appointment(id, friend, MonthAhead(14))));
        foreach (var (code, limit) in new[]
        {
            ("statement.member_unknown", new Provision { Who = [new WhoOrg("WestMSP")] }),
            ("statement.role_unknown", new Provision { Who = [new WhoOrg(South, "wizard")] }),
            ("statement.purpose_unknown", new Provision { Purpose = ["TREAT", "NOPE"] }),
        })
        {
            var appointment = Appointment(id, friend, MonthAhead(6)) with { Scope = new DelegateScope(DelegateActs.Permit, [new Provision(), limit]) };
            var problem = await registrar.PostAsync($"{patient}/delegates",
                scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, appointment)), HttpStatusCode.UnprocessableEntity);
            Assert.Equal(code, Text(problem, "code"));
            Assert.StartsWith("statement.body.scope.limit[1].", Text(problem, "detail"), StringComparison.Ordinal);
        }
        var patients = (Appointment(id, scene.Passkey, MonthAhead(6)), "credential.id_taken");
        Assert.Equal(patients.Item2, await RefusedAsync($"{patient}/delegates", patients.Item1));
        using var stranger = scene.Client(North, Role.Patient);
        await ProblemAsync(stranger, $"{patient}/delegates");
        using var physician = scene.Client(North, Role.Physician);
        await ProblemAsync(physician, $"{patient}/delegates", HttpStatusCode.Forbidden);

        Task<string?> RefusedAsync(string path, StatementBody body) => registrar.RefusedAsync(
            path, scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, body)), HttpStatusCode.UnprocessableEntity);
    }

    private static AppointDelegateBody Appointment(string id, SoftwareAuthenticator friend, DateTimeOffset end) => new(id,
        [new AddCredentialBody(friend.CredentialId, Base64Url.EncodeToString(friend.CoseKey.Span), friend.RpId, [friend.Origin])],
        new DelegateScope(DelegateActs.Permit), end);

    private static async Task<Statement> PermitAsync(AccessScene scene, SoftwareAuthenticator friend, string delegateId)
    {
        using var key = await scene.Service<LabelKeys>(North).FindAsync(scene.PatientId, default);
        var now = LedgerTime.Truncate(DateTimeOffset.UtcNow);
        var permit = new GrantBody(Effect.Permit,
            [new Provision { Who = [new WhoOrg(South, "physician")], Category = [Token.Compute(key!.Bytes, TokenDimension.Category, "laboratory")] }],
            new Period(now, now.AddDays(30)));
        return friend.Statement(scene.PatientId, permit) with { Signer = new StatementSigner(friend.CredentialId, delegateId) };
    }

    private static DateTimeOffset MonthAhead(int months)
    {
        var now = DateTimeOffset.UtcNow;
        return new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(months);
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();
}
