using HealthShare.Node.Database;
using HealthShare.Node.Hosting;
using HealthShare.Node.Intake;
using HealthShare.Node.Patients.Erasures;
using HealthShare.Node.Patients.Handles;
using HealthShare.Node.Patients.Merges;
using HealthShare.Node.ReadModel;
using Microsoft.AspNetCore.Http.Json;

namespace HealthShare.Node.Patients;

internal static class PatientServices
{
    public static IServiceCollection AddPatients(this IServiceCollection services)
    {
        services.AddSingleton<IntakeKeys>();
        services.AddSingleton<PatientDirectory>();
        services.AddSingleton<VouchedSigners>();
        // Before the list of credentials follows a block, what the block says of vouched signers is noted.
        services.AddSingleton<IProjection>(provider => provider.GetRequiredService<VouchedSigners>());
        services.AddHostedService<VouchedSignerWorker>();
        services.AddSingleton<TrustedCredentials>();
        services.AddSingleton<CredentialsToPin>();
        // A credential that a block pins may introduce others in the same block.
        services.AddSingleton<IProjection>(provider => provider.GetRequiredService<CredentialsToPin>());
        services.AddSingleton<IProjection, CredentialProjection>();
        services.AddSingleton<EnrollmentTurns>();
        services.AddSingleton<PatientEnrollment>();
        services.AddSingleton<PatientReader>();
        services.AddSingleton<LookUps>();
        services.AddSingleton<IPruned>(provider => provider.GetRequiredService<LookUps>());
        services.AddSingleton<HandleTable>();
        services.AddSingleton<IPruned>(provider => provider.GetRequiredService<HandleTable>());
        services.AddSingleton<LabelKeyTasks>();
        services.AddSingleton<IProjection>(provider => provider.GetRequiredService<LabelKeyTasks>());
        services.AddSingleton<LabelKeyExchange>();
        services.AddHostedService<LabelKeyWorker>();
        services.AddSingleton<MergeTasks>();
        services.AddSingleton<IProjection>(provider => provider.GetRequiredService<MergeTasks>());
        services.AddHostedService<MergeWorker>();
        services.AddNodeOptions<ErasureOptions, ErasureOptionsValidator>("Erasure");
        services.AddSingleton<ErasureTasks>();
        services.AddSingleton<IProjection, ErasureProjection>();
        services.AddSingleton<ErasedPeople>();
        services.AddSingleton<IProjection>(provider => provider.GetRequiredService<ErasedPeople>());
        services.AddSingleton<IPruned>(provider => provider.GetRequiredService<ErasedPeople>());
        services.AddSingleton<HeldRecords>();
        services.AddSingleton<ErasureSteps>();
        services.AddHostedService<ErasureWorker>();
        services.Configure<JsonOptions>(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, PatientJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ErasureJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, MergeJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, HandleJson.Default);
        });
        return services;
    }
}
