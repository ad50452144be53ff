using HealthShare.Node.Hosting;
using HealthShare.Node.Intake;
using HealthShare.Node.Patients.Erasures;
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
        services.AddSingleton<IProjection, CredentialProjection>();
        services.AddSingleton<PatientEnrollment>();
        services.AddSingleton<PatientReader>();
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
        services.AddSingleton<HeldRecords>();
        services.AddSingleton<ErasureSteps>();
        services.AddHostedService<ErasureWorker>();
        services.Configure<JsonOptions>(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, PatientJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ErasureJson.Default);
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, MergeJson.Default);
        });
        return services;
    }
}
