using System.Net;
using System.Text.Json.Nodes;

namespace HealthShare.Sandbox.Stories;

/// <summary>An emergency at East, where the patient granted nothing, until North has reviewed it.</summary>
/// <param name="consortium">The running sandbox.</param>
/// <param name="teller">Prints the steps.</param>
/// <param name="patient">The patient.</param>
/// <param name="patientId">The patient's id.</param>
/// <param name="glucoseId">The record that East reads.</param>
internal sealed class EmergencyStory(Consortium consortium, StoryTeller teller, NodeApi patient, string patientId, string glucoseId) : IDisposable
{
    private readonly NodeApi eastRegistrar = new(consortium.SignIn(SandboxMember.East, "registrar"));
    private readonly NodeApi eastPhysician = new(consortium.SignIn(SandboxMember.East, "physician"));
    private readonly NodeApi eastNurse = new(consortium.SignIn(SandboxMember.East, "nurse"));
    private readonly NodeApi northPrivacy = new(consortium.SignIn(SandboxMember.North, "privacyOfficer"));
    private readonly NodeApi auditor = new(consortium.SignIn(SandboxMember.Regulator, "auditor"));
    private StaffDevice physician = null!, nurse = null!;
    private string emergencyId = "", accessId = "";

    public async Task PlayAsync(CancellationToken ct)
    {
        await teller.StepAsync("East registers the keys of a physician and a nurse", () => RegisterAsync(ct));
        await teller.StepAsync("One signature opens nothing, nor does the same one twice", () => TryAloneAsync(ct));
        await teller.StepAsync("An emergency at East: two staff keys and a reason open what nobody granted", () => DeclareAsync(ct));
        await teller.StepAsync("East reads the exact bytes that North received", () => ReadAsync(ct));
        await teller.StepAsync("The patient is notified, and sees it in the access log", () => SeeAsync(ct));
        await teller.StepAsync("North's privacy officer and the regulator see an open review", () => SeeOpenAsync(ct));
        await teller.StepAsync("North reviews it, once, and the patient sees the outcome", () => ReviewAsync(ct));
    }

    public void Dispose()
    {
        foreach (var api in new IDisposable?[] { eastRegistrar, eastPhysician, eastNurse, northPrivacy, auditor, physician, nurse })
            api?.Dispose();
    }

    private async Task<string> RegisterAsync(CancellationToken ct)
    {
        physician = StaffDevice.Create(SandboxMember.East, consortium.Ports, eastPhysician.SignIn);
        nurse = StaffDevice.Create(SandboxMember.East, consortium.Ports, eastNurse.SignIn);
        foreach (var device in new[] { physician, nurse })
            (await eastRegistrar.PostAsync("staff-keys", device.Key, ct)).Expect(HttpStatusCode.Created);
        return $"{physician.StaffId}, {nurse.StaffId}";
    }

    private async Task<string> TryAloneAsync(CancellationToken ct)
    {
        var answer = await eastPhysician.PostAsync("emergency-access", StaffDevice.Declare(patientId, physician, physician), ct);
        answer.Expect(HttpStatusCode.UnprocessableEntity);
        return answer.Json["code"]!.GetValue<string>();
    }

    private async Task<string> DeclareAsync(CancellationToken ct)
    {
        var answer = (await eastPhysician.PostAsync("emergency-access", StaffDevice.Declare(patientId, physician, nurse), ct))
            .Expect(HttpStatusCode.Created).Json;
        emergencyId = answer["id"]!.GetValue<string>();
        accessId = answer["access"]!["id"]!.GetValue<string>();
        var records = answer["access"]!["records"]!.AsArray();
        StoryTeller.Check(records.Any(record => record!["recordId"]!.GetValue<string>() == glucoseId), "the glucose result was not permitted");
        return $"{emergencyId}, {records.Count} records until {answer["notAfter"]!.GetValue<string>()}";
    }

    private async Task<string> ReadAsync(CancellationToken ct)
    {
        var path = $"access-requests/{accessId}/records/{glucoseId}";
        var content = await StoryTeller.WaitForAsync("the record's key", async () =>
        {
            var answer = await eastPhysician.GetAsync(path, ct);
            return answer.Expect(HttpStatusCode.OK, HttpStatusCode.Accepted).Status is HttpStatusCode.OK ? answer : null;
        }, ct);
        StoryTeller.Check(content.Body.AsSpan().SequenceEqual(Samples.Read(Samples.Glucose)), "the bytes are not those that North received");
        return $"{content.Body.Length} bytes";
    }

    private async Task<string> SeeAsync(CancellationToken ct)
    {
        await NotifiedAsync("emergency", ct);
        var log = (await patient.GetAsync($"patients/{patientId}/access-log", ct)).Expect(HttpStatusCode.OK).Json["items"]!.AsArray();
        StoryTeller.Check(log.Any(item => item!["kind"]!.GetValue<string>() == "emergency"), "the emergency is missing in the log");
        StoryTeller.Check(log.Any(item => item!["emergencyId"]?.GetValue<string>() == emergencyId), "the request in it is missing in the log");
        return SandboxMember.East.MspId;
    }

    private async Task<string> SeeOpenAsync(CancellationToken ct)
    {
        foreach (var watcher in new[] { northPrivacy, auditor })
        {
            await StoryTeller.WaitForAsync($"the open review at {watcher.SignIn.Node}", async () =>
                (await watcher.GetAsync("emergency-access", ct)).Expect(HttpStatusCode.OK).Json["emergencies"]!.AsArray()
                    .FirstOrDefault(open => open!["id"]!.GetValue<string>() == emergencyId), ct);
        }
        return emergencyId;
    }

    private async Task<string> ReviewAsync(CancellationToken ct)
    {
        var path = $"emergency-access/{emergencyId}/review";
        (await northPrivacy.PostAsync(path, new JsonObject { ["outcome"] = "justified" }, ct)).Expect(HttpStatusCode.OK);
        (await auditor.PostAsync(path, new JsonObject { ["outcome"] = "notJustified" }, ct)).Expect(HttpStatusCode.UnprocessableEntity);
        var seen = await NotifiedAsync("emergencyReview", ct);
        return seen["code"]!.GetValue<string>();
    }

    private Task<JsonNode> NotifiedAsync(string kind, CancellationToken ct) => StoryTeller.WaitForAsync($"the notification {kind}", async () =>
        (await patient.GetAsync($"patients/{patientId}/notifications", ct)).Expect(HttpStatusCode.OK).Json["items"]!.AsArray()
            .FirstOrDefault(item => item!["kind"]!.GetValue<string>() == kind && item["subject"]!.GetValue<string>() == emergencyId), ct);
}
