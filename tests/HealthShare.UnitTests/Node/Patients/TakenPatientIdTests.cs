using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Chaincode.Ledger;
using HealthShare.Hl7.Values;
using HealthShare.Node.Auth;
using HealthShare.Node.Ledger;
using HealthShare.Node.Patients;
using HealthShare.UnitTests.Node.Support;
using Microsoft.Extensions.DependencyInjection;

namespace HealthShare.UnitTests.Node.Patients;

public sealed class TakenPatientIdTests
{
    [Fact]
    public async Task A_patient_id_that_another_member_took_on_its_way_is_given_up_for_a_new_one()
    {
        var channel = new MemoryChannel();
        await using var north = await NodeHost.StartOnAsync(channel);
        await using var east = await NodeHost.StartOnAsync(channel, "EastMSP");
        await channel.InitAsync(("NorthMSP", north), ("EastMSP", east));
        var chosen = await north.App.Services.GetRequiredService<PatientDirectory>().FindOrCreateAsync(
            [new PatientIdentifier("4711", new AssigningAuthority("", "", ""), "")], default);
        await channel.As("EastMSP").SubmitAsync(new LedgerCall(LedgerTransactions.EnrollPatient,
            JsonSerializer.SerializeToUtf8Bytes(new EnrollPatient(chosen.PatientId), LedgerJson.Default.EnrollPatient)), default);

        using var registrar = north.Client(Role.Registrar);
        var person = new JsonObject { ["number"] = "4711" };
        Assert.Equal("patient.id_taken", await registrar.RefusedAsync("/api/v1/patients", person.DeepClone(), HttpStatusCode.UnprocessableEntity));
        var patient = await registrar.PostAsync("/api/v1/patients", person, HttpStatusCode.Created);
        Assert.NotEqual(chosen.PatientId, patient.GetProperty("patientId").GetString());
        Assert.Equal("NorthMSP", patient.GetProperty("enrolledBy").GetString());
    }
}
