package manifests

import (
	"os"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// objects makes what each kind of object decodes into.
var objects = map[string]func() any{
	"Deployment":              func() any { return &appsv1.Deployment{} },
	"HorizontalPodAutoscaler": func() any { return &autoscalingv2.HorizontalPodAutoscaler{} },
	"Job":                     func() any { return &batchv1.Job{} },
	"ConfigMap":               func() any { return &corev1.ConfigMap{} },
	"Service":                 func() any { return &corev1.Service{} },
	"NetworkPolicy":           func() any { return &networkingv1.NetworkPolicy{} },
	"PodDisruptionBudget":     func() any { return &policyv1.PodDisruptionBudget{} },
}

// built returns the objects of the kustomization, each decoded without a field that
// Kubernetes does not know.
func built(t *testing.T) (all []any) {
	t.Helper()
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), "../../kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range resources.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		empty, known := objects[r.GetKind()]
		if !known {
			t.Fatalf("%s is a kind that is not checked", r.CurId())
		}
		object := empty()
		if err := yaml.UnmarshalStrict(text, object); err != nil {
			t.Errorf("%s: %v", r.CurId(), err)
		}
		all = append(all, object)
	}
	return all
}

func TestKustomization(t *testing.T) {
	roles := map[string]bool{}
	for _, object := range built(t) {
		d, ok := object.(*appsv1.Deployment)
		if !ok {
			continue
		}
		roles[d.Labels["app.kubernetes.io/component"]] = true
		pod := d.Spec.Template.Spec
		c := pod.Containers[0]
		stop := c.Lifecycle.PreStop.Sleep.Seconds + 27
		if grace := pod.TerminationGracePeriodSeconds; grace == nil || *grace < stop {
			t.Errorf("%s gets %v s to stop, and needs %d", d.Name, grace, stop)
		}
		if c.ReadinessProbe.HTTPGet.Path != "/readyz" || c.LivenessProbe.HTTPGet.Path != "/healthz" {
			t.Errorf("%s is probed elsewhere", d.Name)
		}
		if !*pod.SecurityContext.RunAsNonRoot || !*c.SecurityContext.ReadOnlyRootFilesystem {
			t.Errorf("%s has more rights than it needs", d.Name)
		}
	}
	for _, role := range []string{"ingress", "worker", "api"} {
		if !roles[role] {
			t.Errorf("no deployment has the role %s", role)
		}
	}
}

// What works on files has a bucket, whose keys the Secret must name, and room for files
// on their way.
func TestRolesThatWorkOnFilesHavePlacesForThem(t *testing.T) {
	objects := built(t)
	for _, object := range objects {
		d, ok := object.(*appsv1.Deployment)
		if !ok || d.Labels["app.kubernetes.io/component"] == "ingress" {
			continue
		}
		pod := d.Spec.Template.Spec
		mount := slices.IndexFunc(pod.Containers[0].VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == "/tmp" })
		if mount < 0 {
			t.Errorf("%s has no /tmp", d.Name)
			continue
		}
		name := pod.Containers[0].VolumeMounts[mount].Name
		volume := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == name })
		if volume < 0 || pod.Volumes[volume].EmptyDir == nil {
			t.Errorf("%s mounts no emptyDir at /tmp", d.Name)
			continue
		}
		if limit := pod.Volumes[volume].EmptyDir.SizeLimit; limit != nil && limit.Value() < 1<<30 {
			t.Errorf("%s has %v in /tmp, and needs 1 GiB", d.Name, limit)
		}
	}
	config := slices.IndexFunc(objects, func(o any) bool { _, ok := o.(*corev1.ConfigMap); return ok })
	if config < 0 || !strings.HasPrefix(objects[config].(*corev1.ConfigMap).Data["RECADO_MEDIA_URL"], "s3://") {
		t.Error("the pods share no place for files")
	}
	text, err := os.ReadFile("../../kubernetes/kustomization.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if !strings.Contains(string(text), key) {
			t.Errorf("nobody is told that the Secret needs %s", key)
		}
	}
}
