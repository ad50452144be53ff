using System.Net;
using HealthShare.Node.Auth;
using HealthShare.Policy.Statements;
using HealthShare.Sandbox.Authenticator;
using HealthShare.UnitTests.Node.Support;
using static HealthShare.UnitTests.Node.Access.AccessScene;

namespace HealthShare.UnitTests.Node.Notifications;

/// <summary>What the patient is told, and of whom.</summary>
public sealed class NotificationTests
{
    [Fact]
    public async Task Each_act_is_told_with_the_member_that_brought_it()
    {
        await using var scene = await StartAsync();
        await scene.RestartAsync(North); // the patient's sign-in is known from the settings
        var consents = $"/api/v1/patients/{scene.PatientId}/consents";
        using var north = scene.Client(North, Role.Registrar);
        using var south = scene.Client(South, Role.Registrar);
        var (revoked, replaced) = (await scene.GrantAsync(), await scene.GrantAsync());
        await south.PostAsync($"{consents}/{revoked}/revocation",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeBody(revoked))), HttpStatusCode.OK);
        var next = scene.Passkey.Statement(scene.PatientId, new GrantBody(Effect.Deny, [new Provision()], new Period(DateTimeOffset.UnixEpoch), Replaces: replaced));
        await south.PostAsync(consents, scene.Passkey.Signed(next), HttpStatusCode.Created);
        using var second = SoftwareAuthenticator.Create("north.example", "https://north.example");
        var credentials = $"/api/v1/patients/{scene.PatientId}/credentials";
        await north.PostAsync(credentials, scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new AddCredentialBody(
            second.CredentialId, System.Buffers.Text.Base64Url.EncodeToString(second.CoseKey.Span), second.RpId, [second.Origin]))), HttpStatusCode.Created);
        await south.PostAsync($"{credentials}/{second.CredentialId}/revocation",
            scene.Passkey.Signed(scene.Passkey.Statement(scene.PatientId, new RevokeCredentialBody(second.CredentialId))), HttpStatusCode.OK);
        await scene.CaughtUpAsync();

        using var patient = scene.Client(North, Role.Patient);
        var (told, cursor) = (new List<(string? Kind, string? Subject, string? Member)>(), "");
        do
        {
            var page = await patient.GetOkAsync($"/api/v1/patients/{scene.PatientId}/notifications?limit=3{cursor}");
            told.AddRange(page.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("kind").GetString(),
                item.GetProperty("subject").GetString(), item.GetProperty("member").GetString())));
            cursor = page.TryGetProperty("next", out var after) ? $"&cursor={after.GetString()}" : "";
        }
        while (cursor.Length > 0);
        foreach (var act in ((string?, string?, string?)[])
        [
            ("consentRevoked", revoked, South), ("consentRevoked", replaced, South), ("consentAccepted", next.Id, South),
            ("credentialAdded", second.CredentialId, North), ("credentialRevoked", second.CredentialId, South), ("hospitalLinked", South, North),
        ])
            Assert.Single(told, act);
        Assert.Equal(told.Count, told.Distinct().Count());
    }
}
