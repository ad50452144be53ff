using System.Net;
using System.Text.Json.Nodes;
using HealthShare.Node.Auth.People;
using HealthShare.Sandbox.Stories;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.Sandbox;

/// <summary>One-time links with which the sandbox's people enrol a passkey in a browser.</summary>
internal static class EnrolmentLinks
{
    /// <summary>Makes a new link for everybody who has no passkey yet, as the administrators and registrars would.</summary>
    public static async Task RenewAsync(Consortium consortium, CancellationToken ct)
    {
        var renewed = new List<SignIn>();
        foreach (var signIn in consortium.SignIns)
            renewed.Add(signIn with { EnrolmentLink = await LinkAsync(consortium, signIn, ct) });
        consortium.Note(renewed);
    }

    private static async Task<string?> LinkAsync(Consortium consortium, SignIn signIn, CancellationToken ct)
    {
        var subject = signIn.PatientId is { } patient ? $"patient {patient}" : $"staff {signIn.StaffId}";
        var at = SandboxMember.All.First(member => member.Key == signIn.Node);
        if (signIn is { PatientId: null, StaffId: null })
            return null;
        // The channel has a passkey of this patient's: another would wait for a second hospital's word, as one that was lost.
        if (signIn.PatientId is { } signer && PasskeyFile.Exists(consortium.State, signer))
            return null;
        var people = consortium.Node(at).Services.GetRequiredService<PersonStore>();
        if (await people.FindBySubjectAsync(subject, ct) is { } known && (await people.GetPasskeysAsync(known, ct)).Count > 0)
            return null;
        using var inviter = new NodeApi(consortium.SignIn(at, signIn.PatientId is null ? "itAdministrator" : "registrar"));
        var made = (await inviter.PostAsync("invitations", new JsonObject
        {
            ["role"] = signIn.Role, ["displayName"] = signIn.Person, ["staffId"] = signIn.StaffId, ["patientId"] = signIn.PatientId,
        }, ct)).Expect(HttpStatusCode.Created);
        return made.Json["link"]!.GetValue<string>();
    }
}
